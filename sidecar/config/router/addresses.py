"""Where a virtual router is, and the addresses that move with it."""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.rules import Rule, rule, warning
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.scalars import Flag, HostAddress, Interface, VipInterface, Whole


@rule()
def vip_once(entry: Entry["Addresses"]) -> Iterator[Finding]:
    """A VIP stands once in its list."""
    seen: dict[HostAddress, int] = {}
    for index, vip in entry.items("addresses"):
        first = seen.setdefault(vip.ip, index)
        if first != index:
            message = f"{vip.ip} is already entry {first + 1} of this list; remove one of the two"
            yield Finding((*entry.path, "addresses", index), "vip-twice", message)


@rule()
def one_family(entry: Entry["Addresses"]) -> Iterator[Finding]:
    """A virtual router is of one address family (RFC 9568 section 1.1)."""
    vips = dict(entry.items("addresses"))
    # Without a first one it is not known which of the families is meant.
    family = vips[0].version if 0 in vips else None
    for index, vip in vips.items():
        if family is not None and vip.version != family:
            message = (
                f"{vip.ip} is IPv{vip.version}, the first VIP IPv{family}; give each family its own router"
            )
            yield Finding((*entry.path, "addresses", index), "family-mixed", message)


@rule("addresses")
def link_local(entry: Entry["Addresses"]) -> Iterator[Finding]:
    """The first address of an IPv6 router is link-local (RFC 9568 section 5.2.9)."""
    vips = entry.model.addresses
    if all(vip.version == 6 and not vip.ip.is_link_local for vip in vips):  # noqa: PLR2004
        message = (
            "none of these is link-local, and RFC 9568 wants one in every IPv6 advert; keepalived and FRR do "
            "without, and so can servers; hosts that use this router as their gateway cannot: "
            "then add one, such as fe80::100"
        )
        yield warning((*entry.path, "addresses"), "vip-link-local", message)


class Addresses(StrictModel):
    """Where a virtual router is, and the addresses that move with it."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (vip_once, one_family, link_local)

    interface: Interface
    """Interface that carries the adverts and the VIPs: a name of it, or an address or network that it has."""
    vrid: Whole = Field(ge=1, le=255)
    """Virtual router id, the same on all hosts, unique on the LAN."""
    addresses: tuple[VipInterface, ...] = Field(min_length=1, max_length=255)
    """The VIPs, all of one family; link-local IPv6 ones are advertised first."""
    accept: Flag = True
    """Accept packets to the VIPs; false: answer ARP and ND alone, as a gateway may."""
    virtual_mac: Flag = False
    """Put the VIPs on a macvlan with the virtual router's own MAC address, which moves with them."""

    @property
    def family(self) -> int:
        """4 or 6, that of the first VIP."""
        return self.addresses[0].version
