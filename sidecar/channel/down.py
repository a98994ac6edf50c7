"""Messages from the router to the observer: the plan, events, totals, and the present state.

There is never a message for each advert: what happens that often is counted. Totals and pictures are sent
when somebody looks, and a Pulse after them; pictures also after a change of a state, instead of unread ones.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from sidecar.channel import parameters, up
from sidecar.channel.codec import Codec, Table
from sidecar.channel.limits import Cut, Infinite, Most, Range
from sidecar.channel.reload import SOCKETS, WHY, Abandon, Commit, Exchange, MoreSockets, Reloaded
from sidecar.core.actions import (
    AdoptionDecided,
    CancelHook,
    Resigned,
    RunHook,
    SenderFound,
    SendRecovered,
    Transition,
    VipChanged,
    Warned,
)
from sidecar.core.health.observer_events import CheckVerdict
from sidecar.core.health.params import CheckParams
from sidecar.core.health.reports import CheckChanged
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.hook import HookResult
from sidecar.core.priorities import OWNER
from sidecar.core.snapshot import Contention, Judged, Outlook, PeerMismatch, RouterSnapshot
from sidecar.core.wire.captured import Frame

PIECE: Final = Most(32 * 1024)
"""Bytes of the plan in one message."""
SENTENCE: Final = Cut(2048)
FIELDS: Final = Most(16)
TOTALS: Final = Most(64)
"""Numbers in one message."""
LABELS: Final = Most(4)
COUNT: Final = Range(0, 2**63 - 1)
OVERHEARD: Final = Most(16)
"""Packets in one message."""
_MAC: Final = Most(32)


@dataclass(frozen=True, slots=True)
class PlanPiece:
    """The next bytes of the observer's plan; after the `last` it is whole."""

    data: Annotated[bytes, PIECE]
    last: bool


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message. The rules of the checks follow, what is believed of them, and the plan in pieces.

    With it come sockets for echo requests, `ipv4` of them, then `ipv6`. `restarts`: observers before it.
    """

    restarts: Annotated[int, COUNT]
    ipv4: Annotated[int, SOCKETS] = 0
    ipv6: Annotated[int, SOCKETS] = 0


class Level(StrEnum):
    """Severity of a line of the log."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Line:
    """A line for the log, from the router's shell: an event and fields."""

    at: Annotated[float, up.TIME]
    level: Level
    event: Annotated[str, Cut(64)]
    fields: Annotated[tuple[tuple[Annotated[str, Cut(64)], Annotated[str, SENTENCE]], ...], FIELDS] = ()


Report = (
    Transition | AdoptionDecided | Resigned | SendRecovered | SenderFound | CheckChanged | VipChanged | Warned
)
"""Reports of the core that people read a line about."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something happened. `suppressed`: as many of the kind before it had no message of their own."""

    at: Annotated[float, up.TIME]
    report: Report
    suppressed: Annotated[int, COUNT] = 0


@dataclass(frozen=True, slots=True)
class CounterTotal:
    """A counter since the router began. `labels` in the order of the table of metrics."""

    name: Annotated[str, Most(64)]
    labels: Annotated[tuple[str, ...], LABELS]
    value: Annotated[int, COUNT]


@dataclass(frozen=True, slots=True)
class HistogramTotal:
    """A histogram since the router began: how many fell into each bucket, the one above all bounds last."""

    name: Annotated[str, Most(64)]
    labels: Annotated[tuple[str, ...], LABELS]
    buckets: Annotated[tuple[Annotated[int, COUNT], ...], Most(32)]
    seconds: Annotated[float, Range(0, 1e15)]


@dataclass(frozen=True, slots=True)
class Totals:
    """The counters and histograms that have changed. Totals, so that a message that was lost is made good."""

    counters: Annotated[tuple[CounterTotal, ...], TOTALS] = ()
    histograms: Annotated[tuple[HistogramTotal, ...], TOTALS] = ()


@dataclass(frozen=True, slots=True)
class RouterShown:
    """How a virtual router stands, the one of this index."""

    index: Annotated[int, Range(0, 4095)]
    snapshot: RouterSnapshot


@dataclass(frozen=True, slots=True)
class CheckShown:
    """The verdict on a check as the router believes it, for the check of this index."""

    index: Annotated[int, Range(0, 4095)]
    snapshot: CheckSnapshot


@dataclass(frozen=True, slots=True)
class RouterProcess:
    """The process of the router: capabilities as bits, what became of messages, bytes never paged out."""

    pid: Annotated[int, COUNT]
    uid: Annotated[int, COUNT]
    effective: Annotated[int, Range(0, 2**64 - 1)]
    permitted: Annotated[int, Range(0, 2**64 - 1)]
    bounding: Annotated[int, Range(0, 2**64 - 1)]
    lost: Annotated[int, COUNT]
    """Lines that were not kept for the observer: nobody read them, and there were too many."""
    malformed: Annotated[int, COUNT]
    """Messages of observers that were none."""
    locked: Annotated[int, COUNT] = 0


@dataclass(frozen=True, slots=True)
class Beat:
    """The router lived at that moment, and was drained until then. Said every second."""

    at: Annotated[float, up.TIME]
    drained_until: Annotated[float | None, Infinite()] = None


@dataclass(frozen=True, slots=True)
class Pulse:
    """All pictures before it are of that moment. Said when somebody looks, and after a change of a state.

    `reload_failed`: why the last reload was refused, "" if it was not. `answers`: the number of the last Look
    before it, 0 if there was none.
    """

    at: Annotated[float, up.TIME]
    started_at: Annotated[float, up.TIME]
    stopping: bool
    process: RouterProcess
    reload_failed: Annotated[str, WHY] = ""
    drained_until: Annotated[float | None, Infinite()] = None
    answers: Annotated[int, COUNT] = 0


@dataclass(frozen=True, slots=True)
class HookAsked:
    """Run a hook. It was asked of the observer that had so many before it, and means nothing to another."""

    restarts: Annotated[int, COUNT]
    run: RunHook


@dataclass(frozen=True, slots=True)
class HookSkipped:
    """A hook was not run, or was lost with its observer: to be counted and told by whoever is there now."""

    at: Annotated[float, up.TIME]
    run: RunHook
    result: HookResult


@dataclass(frozen=True, slots=True)
class Overheard:
    """Packets that came to an interface, or left it, within the last moments: unread, for diagnosis alone.

    `own` is the MAC address of the interface.
    """

    at: Annotated[float, up.TIME]
    interface: Annotated[str, Most(256)]
    own: Annotated[bytes, _MAC]
    frames: Annotated[tuple[Frame, ...], OVERHEARD]


@dataclass(frozen=True, slots=True)
class StatusAsked:
    """The status belongs into the log (SIGUSR1)."""


@dataclass(frozen=True, slots=True)
class RouterEnds:
    """The router ends. Write what you have, and end."""


Down = (
    Hello
    | CheckParams
    | CheckVerdict
    | PlanPiece
    | Line
    | Noted
    | Totals
    | RouterShown
    | CheckShown
    | Beat
    | Pulse
    | HookAsked
    | CancelHook
    | HookSkipped
    | Overheard
    | StatusAsked
    | Exchange
    | MoreSockets
    | Commit
    | Abandon
    | Reloaded
    | RouterEnds
)

_MOMENT: Final = (Infinite(),)

BOUNDS: Final[Table] = {
    **parameters.BOUNDS,
    **up.BOUNDS,
    (Transition, "detail"): SENTENCE,
    (AdoptionDecided, "detail"): SENTENCE,
    (Resigned, "detail"): SENTENCE,
    (SenderFound, "mac"): _MAC,
    (CheckChanged, "detail"): SENTENCE,
    (VipChanged, "vips"): parameters.VIPS,
    (Warned, "detail"): SENTENCE,
    (RunHook, "asked_at"): up.TIME,
    (RunHook, "priority"): Range(0, OWNER),
    (RunHook, "until"): _MOMENT,
    (CancelHook, "asked_at"): up.TIME,
    (Outlook, "at"): _MOMENT,
    (Outlook, "failures"): COUNT,
    (PeerMismatch, "mac"): _MAC,
    (PeerMismatch, "detail"): Cut(512),
    (PeerMismatch, "remedy"): Cut(512),
    (PeerMismatch, "heard_at"): _MOMENT,
    (Contention, "preempt_at"): _MOMENT,
    (Contention, "ignored_until"): _MOMENT,
    (Contention, "retry_at"): _MOMENT,
    (Contention, "refused"): SENTENCE,
    (Judged, "inherited_until"): _MOMENT,
    (Judged, "failures"): COUNT,
    (Judged, "failed_at"): _MOMENT,
    (Judged, "awaited"): parameters.CHECKS,
    (RouterSnapshot, "since"): _MOMENT,
    (RouterSnapshot, "vips"): parameters.VIPS,
    (RouterSnapshot, "owned"): parameters.VIPS,
    (RouterSnapshot, "other_hosts"): Most(64),
    (RouterSnapshot, "mismatches"): Most(16),
    (RouterSnapshot, "master_down_interval"): _MOMENT,
    (RouterSnapshot, "held_until"): _MOMENT,
    # The device has its name from the kernel, and need not be UTF-8.
    **dict.fromkeys([(RouterSnapshot, each) for each in ("reason", "cannot_send", "device")], SENTENCE),
    (RouterSnapshot, "waits_since"): _MOMENT,
    (Frame, "ethertype"): Range(0, 0xFFFF),
    (Frame, "mac"): _MAC,
    (Frame, "data"): Most(1500),
    (CheckSnapshot, "detail"): SENTENCE,
    (CheckSnapshot, "since"): _MOMENT,
    (CheckSnapshot, "streak"): COUNT,
}

DOWN: Final[Codec[Down]] = Codec(Down, BOUNDS)
