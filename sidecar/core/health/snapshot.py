"""One immutable picture of a check. Times are seconds of the core's clock."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class CheckSnapshot:
    """One check. `up` is None until there is a verdict; `reported_at` None until there is a result."""

    name: str
    kind: str
    up: bool | None
    detail: str
    since: float
    reported_at: float | None
    certificate_expires: float | None = None
    """Unix seconds; None where there is no TLS, or no handshake yet."""
    streak: int = 0
    """Last results in a row that say the opposite of `up`, counted where the checks run."""


def merged(decided: Iterable[CheckSnapshot], observed: Iterable[CheckSnapshot]) -> tuple[CheckSnapshot, ...]:
    """Return the checks as the routers decide by them, with the last result that the observer has of each.

    `decided` are those of `Node`, `observed` those of `Health`. Where both say the same of a check, the
    observer knows more of it: the last result, also one that changed nothing, and its time.
    """
    known = {check.name: check for check in observed}
    return tuple(_merged(check, known.get(check.name)) for check in decided)


def _merged(decided: CheckSnapshot, observed: CheckSnapshot | None) -> CheckSnapshot:
    if observed is None:
        return decided
    agrees = observed.up is decided.up
    return replace(
        decided,
        detail=observed.detail if agrees else decided.detail,
        reported_at=decided.reported_at if observed.reported_at is None else observed.reported_at,
        certificate_expires=observed.certificate_expires,
        streak=observed.streak if agrees else 0,
    )
