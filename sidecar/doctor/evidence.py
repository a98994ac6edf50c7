"""Facts of an examination, as plain data. One that could not be read is `Unseen`, with the reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sidecar.core.address import Address, Vip
from sidecar.core.events import PacketReceived
from sidecar.core.params import RouterParams
from sidecar.core.wire.advert import Advert, Drop, decode
from sidecar.doctor.problem import Unseen
from sidecar.plan.plan import ObserverPlan
from sidecar.telemetry.document import Router, Status

_ANY_TTL: Final = 0
_NOT_READ: Final = Unseen("it was not read")


@dataclass(frozen=True, slots=True)
class Heard:
    """Equal VRRP packets on one interface, seen before the firewall. `outgoing`: this host sent them.

    `passed` is how many packets of this sender for this VRID came through the firewall.
    """

    mac: str
    outgoing: bool
    packet: PacketReceived
    count: int
    passed: int = 0

    @property
    def advert(self) -> Advert | None:
        """Return the advertisement, None if the packet is damaged. Its TTL is not looked at."""
        p = self.packet
        read = decode(p.payload, p.source, p.destination, p.ttl, _ANY_TTL)
        return None if isinstance(read, Drop) else read


@dataclass(frozen=True, slots=True)
class Claim:
    """Another machine said by ARP or neighbour discovery that it has an address."""

    device: str
    address: Address
    mac: str


@dataclass(frozen=True, slots=True)
class Air:
    """The packets of `seconds` seconds. `probed`: the addresses that were asked for, with their device."""

    seconds: float
    heard: tuple[Heard, ...] = ()
    claims: tuple[Claim, ...] = ()
    probed: frozenset[tuple[str, Address]] = frozenset()


@dataclass(frozen=True, slots=True)
class Device:
    """An interface. `kind` is that of a virtual one (veth, macvlan, ...), "" of a card.

    `own` are addresses of the host, with prefix lengths; `leased`: one of them has an end, as DHCP gives it.
    `mtu`: bytes of the greatest packet, 0 if that is not known.
    """

    name: str
    index: int
    mac: str
    kind: str = ""
    up: bool = True
    own: tuple[Vip, ...] = ()
    leased: bool = False
    mtu: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A VIP that is on an interface of this host. `ours`: a sidecar has put it there.

    `leads_nowhere`: the interface is connected to no LAN. `peer`: the other end of a point-to-point address.
    """

    device: str
    address: Vip
    ours: bool
    leads_nowhere: bool = False
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Kernel:
    """Interfaces and addresses. `devices` has those that routers use, by the name in the configuration."""

    devices: Mapping[str, Device]
    names: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    all_devices: tuple[Device, ...] = ()

    def device(self, router: RouterParams) -> Device | None:
        """Return the interface of a router, None if it is not there."""
        return self.devices.get(router.interface)


@dataclass(frozen=True, slots=True)
class Speaker:
    """A raw socket of VRRP that is not the sidecar's. The program is "" if it cannot be seen from here."""

    inode: int
    pid: int | None = None
    program: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """A base chain of nf_tables. `hook`: ingress, prerouting, input, forward, output, postrouting, egress.

    `idle`: it has no rule and lets everything pass.
    """

    family: str
    table: str
    name: str
    hook: str
    kind: str
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Firewall:
    """Tables (family and name) and base chains of nf_tables."""

    tables: tuple[tuple[str, str], ...] = ()
    chains: tuple[Chain, ...] = ()


@dataclass(frozen=True, slots=True)
class Listening:
    """A TCP socket that listens in this network namespace."""

    address: Address
    port: int


@dataclass(frozen=True, slots=True)
class Platform:
    """The machine below. `wireless`: names of interfaces; `rootless`: root is another user to the kernel."""

    vendor: str = ""
    product: str = ""
    wireless: frozenset[str] = frozenset()
    rootless: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """The request of a check, sent to the VIP. `local`: the VIP was here, so the LAN was not asked.

    `connected`: something accepted the connection; `passed`: the answer was as the check expects.
    """

    check: str
    address: Address
    port: int
    connected: bool
    passed: bool
    detail: str
    local: bool = False


@dataclass(frozen=True, slots=True)
class Removals:
    """How often others have removed VIPs of a router within a day, the last time `age` seconds ago."""

    times: int
    age: float


@dataclass(frozen=True, slots=True)
class Running:
    """The status of the running sidecar before and after the network was listened to."""

    before: Status
    after: Status

    def router(self, name: str) -> tuple[Router, ...]:
        """Return both states of a router; empty if it is not in both."""
        both = [
            router
            for status in (self.before, self.after)
            for router in status["virtual_routers"]
            if router["name"] == name
        ]
        return tuple(both) if len(both) == 2 else ()  # noqa: PLR2004 - before and after

    def serves(self, name: str) -> bool:
        """Whether a router was MASTER here all the time."""
        both = self.router(name)
        return bool(both) and all(router["state"] == "MASTER" for router in both)

    def spoke(self, name: str) -> bool:
        """Whether a router was MASTER here at some time."""
        return any(router["state"] == "MASTER" for router in self.router(name))


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it. `running` is None before the first start. `settings`: sysctls by name, as far as known."""

    routers: tuple[RouterParams, ...]
    plan: ObserverPlan
    running: Running | None = None
    kernel: Kernel | Unseen = _NOT_READ
    air: Air | Unseen = _NOT_READ
    speakers: tuple[Speaker, ...] | Unseen = ()
    firewall: Firewall | Unseen = Firewall()
    settings: Mapping[str, int] = field(default_factory=dict)
    listening: tuple[Listening, ...] | Unseen = ()
    platform: Platform = Platform()
    synchronised: bool | Unseen = True
    removed: Mapping[str, Removals] | Unseen = field(default_factory=dict)
    """Removals of VIPs by others, by router."""
    visits: tuple[Visit, ...] = ()

    def device(self, router: RouterParams) -> Device | None:
        """Return the interface of a router, None if it is not there or was not seen."""
        return None if isinstance(self.kernel, Unseen) else self.kernel.device(router)

    def heard(self, router: RouterParams, *, outgoing: bool = False) -> Iterator[Heard]:
        """Yield the packets of the router's interface and family, of whatever VRID."""
        device = self.device(router)
        if device is None or isinstance(self.air, Unseen):
            return
        for each in self.air.heard:
            on = each.packet.interface == device.name and each.packet.source.version == router.family
            if on and each.outgoing is outgoing:
                yield each

    def masters(self, router: RouterParams) -> Iterator[tuple[Heard, Advert]]:
        """Yield what other hosts advertise for a router: its VRID, and at least one of its VIPs."""
        vips = {vip.ip for vip in router.addresses}
        for heard in self.heard(router):
            advert = heard.advert
            if advert is not None and advert.vrid == router.vrid and not vips.isdisjoint(advert.addresses):
                yield heard, advert


def setting(settings: Mapping[str, int], device: str, name: str) -> int:
    """Return the IPv4 setting that counts: the greater one of the interface's and of all, 0 if unknown."""
    return max(settings.get(f"net.ipv4.conf.{where}.{name}", 0) for where in ("all", device))


def ipv6_off(settings: Mapping[str, int], device: str) -> str:
    """Return whose setting switches IPv6 off on an interface: its own, "all", or "" for nobody's."""
    places = (where for where in ("all", device) if settings.get(f"net.ipv6.conf.{where}.disable_ipv6"))
    return next(places, "")
