"""Every input and output of the decision about a pool. Times are seconds of the clock given to `step`."""

from dataclasses import dataclass
from enum import StrEnum

from sidecar.core.health.result import CheckResult
from sidecar.core.pool.upstream import Mode
from sidecar.core.pool.upstream_file import Found
from sidecar.core.stall import Stalled


class Served(StrEnum):
    """Answers of nginx to the question for the token of the file on disk."""

    YES = "yes"
    OTHER = "other"
    """It answers, and says something else."""
    SILENT = "silent"
    """Nobody answers."""


class ReloadResult(StrEnum):
    """How an attempt to put a lineup into service ended; the value is the `result` label."""

    LIVE = "live"
    """nginx served the token of the new generation."""
    REFUSED = "refused"
    """`nginx -t` failed. Nothing was reloaded; the file is what it was."""
    UNPROVEN = "unproven"
    """The token never appeared. The file is what it was, and nginx was told again."""
    ABSENT = "absent"
    """No nginx runs."""
    ERROR = "error"
    """The file could not be written, or nginx could not be tested or told."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A name was looked up. No addresses: that failed, and `detail` says why."""

    host: str
    addresses: tuple[str, ...]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Probed:
    """An address of a server has a new result."""

    address: str
    result: CheckResult


@dataclass(frozen=True, slots=True)
class Audited:
    """The file on disk, None if not ours, and the generation that nginx serves. The first begins the work."""

    found: Found | None
    served: Served


@dataclass(frozen=True, slots=True)
class Applied:
    """Answer to Apply. `reloaded`: nginx was told to reload.

    Several pools share one reload; it is counted by the one for which `counts` is set.
    """

    generation: int
    result: ReloadResult
    detail: str
    reloaded: bool
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Isolated:
    """The host can reach nobody of the pool, for this reason; empty: it can again."""

    reason: str


PoolEvent = Resolved | Probed | Audited | Applied | Isolated | Stalled


@dataclass(frozen=True, slots=True)
class Apply:
    """Put this text into the file and into service. Answered by Applied."""

    pool: str
    generation: int
    text: str
    token: str
    reason: str


@dataclass(frozen=True, slots=True)
class ServerProbed:
    """A server was probed once: the raw result, before rise and fall."""

    pool: str
    server: str
    result: CheckResult


@dataclass(frozen=True, slots=True)
class ServerChanged:
    """The verdict on a server changed."""

    pool: str
    server: str
    up: bool
    detail: str


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """The mode of a pool has changed: servers are chosen otherwise from now on."""

    pool: str
    mode: Mode
    detail: str


@dataclass(frozen=True, slots=True)
class JudgingChanged:
    """The host is cut off, for this reason, and judges no server of the pool; empty: it does again."""

    pool: str
    cut_off: str


@dataclass(frozen=True, slots=True)
class NameChanged:
    """A name resolves to other addresses than before, or does not resolve."""

    pool: str
    host: str
    addresses: tuple[str, ...]
    detail: str


@dataclass(frozen=True, slots=True)
class Reloaded:
    """An attempt ended. `seconds` since the need for it was noticed; `reason` is why it was made.

    `counts`: nginx was told to reload, and no other pool counts it.
    """

    pool: str
    generation: int
    result: ReloadResult
    in_service: frozenset[str]
    reason: str
    detail: str
    seconds: float
    counts: bool


@dataclass(frozen=True, slots=True)
class Drifted:
    """The file or what nginx serves is no longer what we left."""

    pool: str
    detail: str


PoolReport = ServerProbed | ServerChanged | ModeChanged | JudgingChanged | NameChanged | Reloaded | Drifted
PoolAction = Apply | PoolReport
