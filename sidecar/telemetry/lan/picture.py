"""What was overheard on the LAN, at one moment. Times are seconds of the clock of the core."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType
from typing import Final

from sidecar.core.address import Address
from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.wire.advert import Advert
from sidecar.core.wire.captured import Word

LATE: Final = 1.1
"""Seconds by which a packet may be older than the moment at which it was read: one beat of the router."""
VIRTUAL: Final = "00:00:5e:00:0"
"""What the virtual MAC addresses of VRRP begin with, of IPv4 and IPv6."""
LONGEST: Final = 10.0
"""Seconds between two adverts that are believed at most of a sender that nobody follows."""


@dataclass(frozen=True, slots=True)
class AdvertsHeard:
    """Equal adverts of one sender, without a pause. `outgoing`: this host sent them.

    `advert` is without what differs from packet to packet: its password and its trailer.
    """

    interface: str
    outgoing: bool
    source: Address
    mac: str
    advert: Advert
    began: float
    last: float
    number: int = 1

    @property
    def interval(self) -> float:
        """Seconds between two of them, as far as that is believed."""
        return min(self.advert.interval, LONGEST)

    @property
    def patience(self) -> float:
        """Seconds without one of them after which nobody counts on the sender any more."""
        return 3.5 * self.interval + 0.5 + LATE

    def concerns(self, router: RouterSnapshot) -> bool:
        """Whether they have the VRID or a VIP of this router."""
        return self.interface == router.interface and (self.advert.vrid == router.vrid or self.names(router))

    def names(self, router: RouterSnapshot) -> bool:
        """Whether they name a VIP of this router."""
        return self.interface == router.interface and any(
            vip.ip in self.advert.addresses for vip in router.vips
        )


@dataclass(frozen=True, slots=True)
class WordHeard:
    """Another machine said so of an address, for the first and for the last time."""

    interface: str
    word: Word
    address: Address
    mac: str
    began: float
    last: float


@dataclass(frozen=True, slots=True)
class Sender:
    """A machine whose adverts were heard: the last one above priority 0, and anything of it at all."""

    source: Address
    mac: str
    advertised: float
    alive: float


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a router: since when it is as it is, and the master whose silence made it MASTER."""

    changed: float
    lost: Address | None = None
    lost_at: float = -inf


@dataclass(frozen=True, slots=True)
class LanPicture:
    """Everything that was overheard and still counts. `since`: when listening began, infinity if it has not.

    `own` are MAC addresses of this host, `macs` those of interfaces that are listened on, by their names in
    the configuration. `courses` are by the names of the routers. `alive`: when each MAC address of the
    hosts of `nodes` was overheard last.
    """

    since: float = inf
    own: frozenset[str] = frozenset()
    adverts: tuple[AdvertsHeard, ...] = ()
    words: tuple[WordHeard, ...] = ()
    senders: tuple[Sender, ...] = ()
    courses: Mapping[str, Course] = field(default_factory=lambda: MappingProxyType({}))
    macs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    alive: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def virtual_macs_heard(self) -> bool:
        """Whether adverts come from a virtual MAC address (RFC 9568 section 7.3), which any host may have."""
        return any(not each.outgoing and each.mac.startswith(VIRTUAL) for each in self.adverts)

    def of_mac(self, mac: str) -> Sender | None:
        """Return the sender that has this MAC address, None if it was never heard to advertise."""
        return max((each for each in self.senders if each.mac == mac), key=_advertised, default=None)

    def of_source(self, source: Address) -> Sender | None:
        """Return the sender that has this IP address, None if it was never heard to advertise."""
        return max((each for each in self.senders if each.source == source), key=_advertised, default=None)

    def others(self, router: RouterSnapshot, now: float) -> Iterator[AdvertsHeard]:
        """Yield the adverts of other hosts for a VIP of this router that still come."""
        for each in self.adverts:
            if not each.outgoing and each.names(router) and now - each.last <= each.patience:
                yield each


def _advertised(sender: Sender) -> float:
    return sender.advertised
