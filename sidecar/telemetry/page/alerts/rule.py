"""An alert of monitoring/rules, as far as one host can judge it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.telemetry.document import Status
from sidecar.telemetry.page.past import Event, Past

MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that an alert is about, true `since` that Unix time; None: it is not known since when."""

    subject: str
    since: float | None = None


Find = Callable[[Status, Past], Iterator[Condition]]


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An alert: its name in monitoring/rules, seconds for which it must last, and whom it concerns now."""

    name: str
    critical: bool
    lasting: float
    find: Find

    @property
    def runbook(self) -> str:
        """The section of the runbook."""
        return f"docs/runbook.md#{self.name.lower()}"


def found(status: Status, kind: str) -> Iterator[Condition]:
    """Yield what is said of other hosts under this kind."""
    yield from (Condition(each["url"]) for each in status["node_findings"] if each["kind"] == kind)


def by_router(events: Iterable[Event], without: str = "") -> Mapping[str, list[Event]]:
    """Return the events of each router, and under `without` those that name none."""
    told: dict[str, list[Event]] = {}
    for event in events:
        told.setdefault(str(event.get("router", without)), []).append(event)
    return told


def repeated(
    events: Iterable[Event], seconds: float, more_than: int, subject: str, now: float
) -> Iterator[Condition]:
    """Yield the subject if more events than so many have happened within the last seconds, and since when."""
    moments = [float(event["at"]) for event in events if now - float(event["at"]) <= seconds]
    if len(moments) > more_than:
        yield Condition(subject, moments[more_than])
