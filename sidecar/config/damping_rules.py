"""Rules about flap damping."""

from collections.abc import Iterator

from sidecar.config.mistake import Finding
from sidecar.config.router_model import VirtualRouter
from sidecar.config.rules import rule
from sidecar.config.shape import Entry

_LEAST_HOLD, _MOST_HOLD = 1.0, 3600.0
_MOST, _MOST_FORGET = 86_400.0, 604_800.0


@rule("damping")
def damping(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """Hold-downs grow from `hold` to `max`, and are forgotten after that."""
    d = entry.model.damping
    if d is None:
        return
    path = (*entry.path, "damping")
    if not _LEAST_HOLD <= d.hold <= _MOST_HOLD:
        yield Finding((*path, "hold"), "damping-hold", "out of range; write 1s to 1h")
    elif not d.hold <= d.most <= _MOST:
        yield Finding((*path, "max"), "damping-max", f"out of range; write {d.hold:g}s (`hold`) to 24h")
    elif not d.most <= d.forget <= _MOST_FORGET:
        # who is forgotten during a hold-down is never held down for long
        yield Finding((*path, "forget"), "damping-forget", f"out of range; write {d.most:g}s (`max`) to 168h")


DAMPING_RULES = (damping,)
