"""The dns check in the configuration."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, ClassVar, Final, Literal

from sidecar.config.check.polled import PolledModel
from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding, quoted
from sidecar.config.rules import Rule, rule
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.check_scalars import (
    DnsName,
    DnsServer,
)
from sidecar.config.values.scalars import Text
from sidecar.plan.check import DnsCheck, RecordType

_ADDRESS_TYPES: Final = {"A": 4, "AAAA": 6}


@rule("dns")
def dns_values(entry: Entry["DnsModel"]) -> Iterator[Finding]:
    """Address records hold addresses."""
    dns = entry.model.dns
    if dns.type not in _ADDRESS_TYPES:
        return
    for index, value in enumerate(dns.expect):
        try:
            fits = ip_address(value).version == _ADDRESS_TYPES[dns.type]
        except ValueError:
            fits = False
        if not fits:
            message = f"{quoted(value)} cannot be in a record of type {dns.type}; write an address"
            yield Finding((*entry.path, "dns", "expect", index), "dns-value", message)


class Dns(StrictModel):
    """The question to a name server."""

    server: DnsServer
    """Address of the name server, with a port unless that is 53."""
    name: DnsName
    """Name to ask for."""
    type: Literal["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"] = "A"
    """Type of the records."""
    expect: tuple[Text, ...] = ()
    """Values that must all be among the answers, such as `10.0.0.1` or `10 mail.example.org`."""


class DnsModel(PolledModel):
    """A name server answers a question."""

    kind: ClassVar[str] = "dns"
    rules: ClassVar[tuple[Rule[Any], ...]] = (*PolledModel.rules, dns_values)

    dns: Dns
    """Question that a name server must answer."""

    def plan(self, name: str) -> DnsCheck:
        """Return its plain form."""
        dns = self.dns
        return DnsCheck(name, dns.server, dns.name, RecordType(dns.type), dns.expect, **self.pace())


MODEL: Final = DnsModel
