"""The icmp check in the configuration."""

from collections.abc import Iterator
from ipaddress import IPv6Address
from typing import Any, ClassVar, Final

from pydantic import Field

from sidecar.config.check.polled import PolledModel
from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.rules import Rule, rule
from sidecar.config.values.check_scalars import (
    Percent,
    PingTarget,
)
from sidecar.config.values.host_kind import BROADCAST, unusable
from sidecar.config.values.scalars import Whole
from sidecar.plan.check import IcmpCheck


@rule("icmp")
def icmp_target(entry: Entry["IcmpModel"]) -> Iterator[Finding]:
    """An echo request needs one host to answer it, and a link-local one an interface to leave by."""
    address, where = entry.model.icmp, (*entry.path, "icmp")
    if address.is_multicast or address.is_unspecified or address == BROADCAST:
        message = f"{address} is {unusable(address)}; write the address of one host"
        yield Finding(where, "icmp-target", message)
    elif isinstance(address, IPv6Address) and address.is_link_local and address.scope_id is None:
        message = f"{address} is on every link; say on which, such as '{address}%eth0'"
        yield Finding(where, "icmp-target", message)


class IcmpModel(PolledModel):
    """Echo requests are answered."""

    kind: ClassVar[str] = "icmp"
    rules: ClassVar[tuple[Rule[Any], ...]] = (*PolledModel.rules, icmp_target)

    icmp: PingTarget
    """Address that must answer an echo request; a link-local one with its interface, `fe80::1%eth0`."""
    count: Whole = Field(default=1, ge=1, le=20)
    """Echo requests of one run."""
    max_loss: Percent = Field(default=0, ge=0, le=99)
    """Percentage of them that may be lost."""

    def plan(self, name: str) -> IcmpCheck:
        """Return its plain form."""
        return IcmpCheck(name, self.icmp, self.count, self.max_loss, **self.pace())


MODEL: Final = IcmpModel
