"""Frames as they come from the LAN of tests, and routers as their host tells of them."""

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface

from sidecar.core.snapshot import MasterSeen, RouterSnapshot
from sidecar.core.state import Reason, State
from sidecar.core.wire import arp
from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.captured import ETHERTYPE_ARP, ETHERTYPE_IPV4, Frame
from sidecar.core.wire.constants import GROUPS
from sidecar.telemetry.lan.evidence import LanEvidence
from sidecar.telemetry.lan.finding import LanFinding
from sidecar.telemetry.lan.findings import lan_findings
from tests.unit.telemetry.handmade import router as handmade_router

VIP = IPv4Interface("10.77.0.100/32")
OWN = bytes.fromhex("02000077000b")
OTHER = bytes.fromhex("02000077000c")
THIRD = bytes.fromhex("020000770042")
OTHER_MAC, THIRD_MAC = OTHER.hex(":"), THIRD.hex(":")
A, B = IPv4Address("10.77.0.11"), IPv4Address("10.77.0.12")
START = 1000.0


def vrrp(
    source: IPv4Address = B,
    mac: bytes = OTHER,
    priority: int = 240,
    *,
    vrid: int = 51,
    vip: str = "10.77.0.100",
    vips: tuple[str, ...] = (),
    outgoing: bool = False,
    version: int = 3,
) -> Frame:
    """One advert, as it comes to the host or leaves it."""
    group = GROUPS[4]
    advert = Advert(vrid, priority, 100, tuple(map(IPv4Address, vips or (vip,))), version)
    payload = encode(advert, source, group, pseudo_header=True)
    header = (
        bytes.fromhex("45c0") + (20 + len(payload)).to_bytes(2, "big") + bytes.fromhex("00000000ff700000")
    )
    return Frame(outgoing, ETHERTYPE_IPV4, mac, header + source.packed + group.packed + payload)


def claim(mac: bytes = THIRD, vip: str = "10.77.0.100") -> Frame:
    """One gratuitous ARP request."""
    return Frame(False, ETHERTYPE_ARP, mac, arp.gratuitous(IPv4Address(vip), mac)[0][14:])


def probe(mac: bytes = OTHER) -> Frame:
    return Frame(False, ETHERTYPE_ARP, mac, arp.probe(VIP.ip, mac)[14:])


def master(**changes: object) -> RouterSnapshot:
    """This host, which serves."""
    return handmade_router(**{"priority": 250, "effective_priority": 250, "since": START, **changes})


def backup(**changes: object) -> RouterSnapshot:
    """This host, which follows the other one."""
    followed: dict[str, object] = {
        "state": State.BACKUP,
        "owned": frozenset(),
        "desired": False,
        "effective_priority": 230,
        "master": MasterSeen(B, 240, START, 1.0),
    }
    return master(**(followed | changes))


@dataclass
class Ears:
    """Evidence of one interface, with a clock that is moved by hand."""

    router: RouterSnapshot
    now: float = START
    evidence: LanEvidence = field(default_factory=LanEvidence)

    def __post_init__(self) -> None:
        self.evidence.router(self.router, self.now)

    def hear(self, *frames: Frame, seconds: float = 0.5) -> None:
        """Time passes, and these frames come."""
        self.now += seconds
        self.evidence.heard("eth0", OWN, frames, self.now)

    def hear_for(self, seconds: float, *frames: Frame) -> None:
        """These frames come once a second for so long."""
        for _ in range(int(seconds)):
            self.hear(*frames, seconds=1.0)

    def wait(self, seconds: float) -> None:
        self.hear(seconds=seconds)

    def becomes(self, router: RouterSnapshot, reason: Reason) -> None:
        """The router of this host changes its state now."""
        self.evidence.moved("web", router.state, reason, self.now)
        self.show(router)

    def show(self, router: RouterSnapshot) -> None:
        self.router = router
        self.evidence.router(router, self.now)

    def found(self) -> tuple[LanFinding, ...]:
        picture = self.evidence.picture()
        return lan_findings(picture, [self.router], self.now, lambda at: f"second {at - START:.0f}")

    def kinds(self) -> list[str]:
        return [each.kind.value for each in self.found()]
