"""Every output of the core: commands to perform in order, and reports for people and scrapers.

The order of a list of actions is behaviour. A command with `not_after` must not be performed
later than that: the shell looks at its clock directly before the system call and answers
ActionExpired instead. A late master is no master.
"""

from dataclasses import dataclass, field
from math import inf

from sidecar.core.address import Address, Vip
from sidecar.core.health.reports import CheckChanged, CheckFinished
from sidecar.core.hook import Hook
from sidecar.core.state import Adoption, Reason, State


@dataclass(frozen=True, slots=True)
class HoldVips:
    """Add the VIPs, or renew their lease. Answered by VipsHeld."""

    router: str
    interface: str
    vips: tuple[Vip, ...]
    lease: int
    not_after: float
    accept: bool = True
    """Whether packets to the VIPs are accepted; if not, they are filtered before the VIPs are added."""
    record: int = field(default=0, repr=False, compare=False)
    """Kept with the VIPs by the kernel, for a process that is started after this one was killed."""


@dataclass(frozen=True, slots=True)
class DropVips:
    """Remove those of the VIPs that are ours. Answered by VipsDropped. Removing what is absent succeeds."""

    router: str
    interface: str
    vips: tuple[Vip, ...]


@dataclass(frozen=True, slots=True)
class SendAdvert:
    """Send one advertisement to each destination. Answered by SendFailed if one cannot be reached.

    `packets` pairs a destination with its payload: the checksum covers the destination.
    `confirm`: success is answered too, by AdvertSent.
    """

    router: str
    interface: str
    source: Address
    packets: tuple[tuple[Address, bytes], ...]
    priority: int
    not_after: float
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class TrySending:
    """Find out whether advertisements can be sent. Answered at once by SendTried.

    To the group the packet has a TTL (hop limit) of 0: the kernel and its firewall treat it as they would
    treat an advertisement, and it leaves no host. To a unicast peer it is sent. It says priority 0, which
    claims nothing and which a living master answers with its own advertisement (RFC 9568 section 6.4.3).
    """

    router: str
    interface: str
    source: Address
    destination: Address
    payload: bytes


@dataclass(frozen=True, slots=True)
class Announce:
    """Send Ethernet frames that tell the LAN where the VIPs are.

    `protocol` is the label of the counter: arp (gratuitous ARP) or na (unsolicited neighbour advertisement).
    `if_heard`: not sent if an advertisement of this router before it in the same list could not be sent.
    """

    router: str
    interface: str
    frames: tuple[bytes, ...]
    not_after: float
    protocol: str = "arp"
    if_heard: bool = False


@dataclass(frozen=True, slots=True)
class Identify:
    """Find out which MAC address this sender's VRRP packets come from, within `seconds`.

    Answered by SenderIdentified. Nothing waits for it: it is for the people who look for the machine.
    """

    router: str
    interface: str
    source: Address
    seconds: float


@dataclass(frozen=True, slots=True)
class PrioritizeSenders:
    """Which adverts must be heard however many others arrive. Replaces what the router said before.

    Those of `senders`, whatever they say. Of anybody else those of `floor` or a higher priority are heard
    as fast as a flood allows, lower ones as a sample. Until `all_until` nobody is known whom to depend on,
    and everything must be heard. Without a flood everything is heard anyway. Never answered.
    """

    router: str
    senders: tuple[Address, ...]
    floor: int
    all_until: float


@dataclass(frozen=True, slots=True)
class RunHook:
    """Have the observer run a hook of this router. `asked_at` is a time of the core's clock.

    `state` is the one that it is about: of a hook before a move the one that follows. Answered by HookEnded,
    at once if there is no observer. `until`: what is waited for is of no use afterwards; infinity: nobody
    waits. `check` has the verdict `up` now, "" if it is not about a check.
    """

    router: str
    hook: Hook
    asked_at: float
    state: State
    priority: int
    until: float = inf
    check: str = ""
    up: bool | None = None


@dataclass(frozen=True, slots=True)
class CancelHook:
    """What the hook was waited for that was asked for then does not happen: end it. Never answered."""

    router: str
    asked_at: float


Command = (
    HoldVips
    | DropVips
    | SendAdvert
    | TrySending
    | Announce
    | Identify
    | PrioritizeSenders
    | RunHook
    | CancelHook
)


@dataclass(frozen=True, slots=True)
class Transition:
    """A virtual router changed its state. `detail` is one English sentence.

    `seconds`: a takeover, from the beginning of the silence or of the wait until the kernel had the VIPs.
    """

    router: str
    old: State
    new: State
    reason: Reason
    detail: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class AdoptionDecided:
    """An earlier process had left VIPs of this router. `detail` says what became of them, and why."""

    router: str
    result: Adoption
    detail: str


@dataclass(frozen=True, slots=True)
class Resigned:
    """Priority 0 was said later than by leaving MASTER, or for an earlier life. `detail` says why."""

    router: str
    detail: str


@dataclass(frozen=True, slots=True)
class SendRecovered:
    """Advertisements can be sent again: one of them, or a trial, was."""

    router: str


@dataclass(frozen=True, slots=True)
class AdvertAccepted:
    """A valid advertisement of a peer. `gap`: seconds since the last one of this sender, None if none."""

    router: str
    source: Address
    priority: int
    gap: float | None


@dataclass(frozen=True, slots=True)
class PacketDropped:
    """A packet was refused and moved nothing. `router` is None when no router could be named.

    `amount` of them without a `source`: the kernel refused them, and nobody has read them.
    """

    router: str | None
    interface: str
    source: Address | None
    reason: str
    amount: int = 1


@dataclass(frozen=True, slots=True)
class SenderFound:
    """Where an unexpected master is: its MAC address, None if its packets stopped before we saw one."""

    router: str
    source: Address
    mac: bytes | None


@dataclass(frozen=True, slots=True)
class VipChanged:
    """Somebody else changed our addresses. `change`: removed, foreign or leftover."""

    router: str
    change: str
    vips: tuple[Vip, ...]


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer ran out and was served `lateness` seconds after its deadline."""

    router: str
    timer: str
    lateness: float


@dataclass(frozen=True, slots=True)
class TakeoverTimed:
    """How long a phase of a takeover took: detect (silence), address (the kernel) or total."""

    router: str
    phase: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Warned:
    """Something is wrong that changes no state by itself. `component`, `reason`: labels of the counter.

    `source`: the host on the LAN where it is wrong, if each of them is worth a line of its own.
    """

    router: str | None
    component: str
    reason: str
    detail: str
    source: Address | None = None


Report = (
    Transition
    | AdoptionDecided
    | Resigned
    | SendRecovered
    | AdvertAccepted
    | PacketDropped
    | SenderFound
    | CheckFinished
    | CheckChanged
    | VipChanged
    | TimerFired
    | TakeoverTimed
    | Warned
)

Action = Command | Report
