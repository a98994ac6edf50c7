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
