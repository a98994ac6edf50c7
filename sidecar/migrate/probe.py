"""The question of a script, as one of our kinds of checks."""

from dataclasses import dataclass, field
from decimal import Decimal

from sidecar.migrate.entries import Plain


@dataclass(frozen=True, slots=True)
class Probe:
    """A check of our own kind that asks what a command asks. `caveats`: in which way it is only near."""

    kind: str
    value: Plain
    keys: dict[str, Plain] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()
    timeout: Decimal | None = None
    """Seconds that the command itself allows."""

    @property
    def target(self) -> tuple[str, str]:
        """The target, whatever the options."""
        return self.kind, str(self.value)


def opposite(probe: Probe) -> Probe:
    """Return the check of a file that passes where this one fails."""
    keys: dict[str, Plain] = {} if "present" in probe.keys else {"present": True}
    return Probe(probe.kind, probe.value, keys, probe.caveats, probe.timeout)


def counted(probe: Probe) -> Probe:
    """Return a check of one process for a script that wants several."""
    caveats = (*probe.caveats, "several were counted, here one is enough")
    return Probe(probe.kind, probe.value, probe.keys, caveats, probe.timeout)
