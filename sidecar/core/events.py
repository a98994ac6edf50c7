"""Every input of the core. Times are seconds of the clock that is given to `Node.step`.

An event says what happened outside; silence needs no event. All are plain data: comparable,
printable, replayable.
"""

from dataclasses import dataclass
from typing import NamedTuple

from sidecar.core.address import Address, Vip
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.health.observer_events import ObserverEvent
from sidecar.core.hook import Hook, HookResult
from sidecar.core.stall import Stalled


@dataclass(frozen=True, slots=True)
class Started:
    """The shell is ready to act. Leftovers of an earlier life are removed now."""


@dataclass(frozen=True, slots=True)
class LeaseFound:
    """VIPs of a router that an earlier process has left on this host, with our mark.

    `vips` are where this router would put them. Their lease ends at `until` at the earliest. `record` is what
    that process has written into it (lease_record.py), the same for all of them; 0: nothing, or not the same.
    """

    router: str
    vips: frozenset[Vip]
    until: float
    record: int


@dataclass(frozen=True, slots=True)
class LeasesFound:
    """Leftovers found at the start, for each router that had any."""

    leases: tuple[LeaseFound, ...]


@dataclass(frozen=True, slots=True)
class StopRequested:
    """Resign, drop the VIPs, end."""

    detail: str


@dataclass(frozen=True, slots=True)
class InterfaceState:
    """The kernel's state of an interface. `addresses` can be a source: no VIPs, primary ones first."""

    index: int
    up: bool
    mac: bytes
    addresses: tuple[Address, ...]
    forwarding: bool = False
    """Whether the host routes IPv6 from here: neighbours are told so in every advertisement."""
    listen_error: str = ""
    """Why we cannot listen on it, if so. A host that does not hear the others must not take over."""
    name: str = ""
    """Its present name in the kernel, which may differ from that of the configuration."""
    mtu: int = 0
    """Bytes of the greatest packet that may leave by it, or by a macvlan of ours above it. 0: not known."""
    no_ipv6: str = ""
    """Why it can have no IPv6 address at all, if so and if a router needs one: with what mends it."""
    lost: bool = False
    """Whether it has no more the address or network by which the configuration has chosen it."""


@dataclass(frozen=True, slots=True)
class InterfaceChanged:
    """The state of an interface is now this; None: there is no such interface.

    `interface` is what the configuration says. `missing`: why there is none, as a sentence for people.
    """

    interface: str
    state: InterfaceState | None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class ClockSet:
    """The wall clock is `offset` seconds ahead of the core's clock: at start, and after every step of it.

    Only the time stamps of authenticated adverts depend on it, never a timer.
    """

    offset: float


@dataclass(frozen=True, slots=True)
class PacketReceived:
    """A datagram of IP protocol 112, not yet looked at. `payload` starts at the VRRP header."""

    interface: str
    source: Address
    destination: Address
    ttl: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class VipsHeld:
    """Answer to HoldVips. The lease counts from `asked_at`. No `error`: the kernel has all of them."""

    router: str
    asked_at: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class VipsDropped:
    """Answer to DropVips. With an `error` some may still be there. `removed` were there and are gone."""

    router: str
    error: str | None = None
    removed: frozenset[Vip] = frozenset()


class ForeignVip(NamedTuple):
    """A VIP that somebody else has put on an interface of this host, as it is there.

    `silencer`: the command after which this host no longer answers the LAN for it, and may have it
    there; "": there is none. `peer`: the other end of a point-to-point address, "" of any other.
    """

    interface: str
    address: Vip
    silencer: str = ""
    peer: str = ""


@dataclass(frozen=True, slots=True)
class VipsObserved:
    """Which VIPs of a router the kernel has.

    `owned` carry our mark, `foreign` are somebody else's and in the way, `duplicate` are owned ones that
    the kernel refuses to use because another host answered for them (RFC 4862 section 5.4). Of
    `unreachable` ones the host has no address and no route of their subnet.
    """

    router: str
    owned: frozenset[Vip]
    foreign: frozenset[ForeignVip] = frozenset()
    duplicate: frozenset[Vip] = frozenset()
    unreachable: frozenset[Vip] = frozenset()
    obstacle: str = ""
    """Why the kernel cannot have them here at all, if so."""


@dataclass(frozen=True, slots=True)
class VipAnswered:
    """An unknown machine answers for a VIP, and the router may not take over for the first time beside it.

    `why` is a sentence about it, "": nobody answers any more.
    """

    router: str
    why: str


@dataclass(frozen=True, slots=True)
class SendFailed:
    """The kernel refused a packet. `unheard`: it was an advertisement, and no destination got it.

    `heard`: it was an advertisement, and the kernel took it for some of its destinations.
    """

    router: str
    error: str
    unheard: bool = True
    heard: bool = False


@dataclass(frozen=True, slots=True)
class AdvertSent:
    """Answer to a SendAdvert with `confirm`: the kernel took it for at least one destination."""

    router: str


@dataclass(frozen=True, slots=True)
class SendTried:
    """Answer to TrySending. No `error`: an advertisement would have been sent."""

    router: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ActionExpired:
    """An action was not performed because its time was over: we were stopped between deciding and acting."""

    router: str
    action: str
    late: float


@dataclass(frozen=True, slots=True)
class SenderIdentified:
    """Answer to Identify: the MAC address that a sender's packets came from, None if it fell silent."""

    router: str
    source: Address
    mac: bytes | None


@dataclass(frozen=True, slots=True)
class HookEnded:
    """Answer to RunHook, which `hook` and `asked_at` name: it has ended, or could not be run, and why."""

    router: str
    hook: Hook
    asked_at: float
    result: HookResult
    detail: str = ""


RouterEvent = (
    VipsHeld
    | VipsDropped
    | VipsObserved
    | VipAnswered
    | SendFailed
    | AdvertSent
    | SendTried
    | ActionExpired
    | SenderIdentified
    | HookEnded
)
"""Events of the shell about one router by its name."""

Event = (
    Started
    | LeasesFound
    | StopRequested
    | ClockSet
    | Stalled
    | InterfaceChanged
    | PacketReceived
    | ObserverEvent
    | DrainAsked
    | UndrainAsked
    | RouterEvent
)
