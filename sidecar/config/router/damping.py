"""Flap damping of a virtual router."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from pydantic import Field
from pydantic_core import PydanticCustomError

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding, quoted
from sidecar.config.rules import Rule, rule
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.scalars import Seconds, Whole, flag
from sidecar.config.values.spelling import wrong

_LEAST_HOLD: Final = 1.0
_MOST_HOLD: Final = 3600.0
_MOST: Final = 86_400.0
_MOST_FORGET: Final = 604_800.0


@rule("hold", "max", "forget")
def hold_downs(entry: Entry["Damping"]) -> Iterator[Finding]:
    """Hold-downs grow from `hold` to `max`, and are forgotten after that."""
    d, path = entry.model, entry.path
    if not _LEAST_HOLD <= d.hold <= _MOST_HOLD:
        yield Finding((*path, "hold"), "damping-hold", "out of range; write 1s to 1h")
    elif not d.hold <= d.most <= _MOST:
        yield Finding((*path, "max"), "damping-max", f"out of range; write {d.hold:g}s (`hold`) to 24h")
    elif not d.most <= d.forget <= _MOST_FORGET:
        # A failure that is forgotten during a hold-down never leads to a long one.
        yield Finding((*path, "forget"), "damping-forget", f"out of range; write {d.most:g}s (`max`) to 168h")


class Damping(StrictModel):
    """Flap damping, on unless `damping: false`: a host that fails too often must not preempt for a while."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (hold_downs,)

    free: Whole = Field(default=0, ge=0, le=100)
    """Failures that cost nothing. Each one may move the VIP away and back before the first hold-down."""
    hold: Seconds = 3.0
    """Hold-down after the next failure, counted from it, 1s to 1h; each further failure doubles it."""
    most: Seconds = Field(default=300.0, alias="max")
    """Longest hold-down, no shorter than `hold`, at most 24h."""
    forget: Seconds = 600.0
    """Time without a failure after which the count begins anew, no shorter than `max`, at most 168h."""


def switch_or_mapping(value: object) -> object:
    """A mapping as it is; true and false, quoted or not, as the defaults and as nothing."""
    if value is None or isinstance(value, dict | Damping):
        return value
    try:
        return {} if flag(value) else None
    except PydanticCustomError as error:
        mend = error.message().rpartition("; ")[2]
        if not mend.endswith(("true", "false")):
            mend = "write one such as {free: 2, hold: 10s}"
        message = f"{quoted(value)} is none of true, false and a mapping; {mend}"
        raise wrong("type", message) from None
