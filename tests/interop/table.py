"""The table of docs/interop-proof.md: a line for every case and role, made by the tests that measured it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.interop.matrix import MATRIX, ROLES, Case
from tests.interop.promise import Outcome

EVENTS = ("crash", "return", "stop", "start")
BEGIN, END = "<!-- made by `make interop`: begin -->", "<!-- made by `make interop`: end -->"
_HEAD = (
    "| peer | version | family | mode | sidecar is | crash | return | stop | start | result |",
    "|---|--:|---|---|---|--:|--:|--:|--:|---|",
)


@dataclass(slots=True)
class Row:
    """One case and role. An event that is missing did not come to its end."""

    case: Case
    role: str
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def line(self) -> str:
        """The line of the table: for each event gap and time with two holders, in milliseconds."""
        cells = [_figures(self.outcomes.get(event)) for event in EVENTS]
        failed = self.faults or any(event not in self.outcomes for event in EVENTS)
        result = "**failed**" if failed else "within bounds"
        return " | ".join([key(self.case, self.role), *cells, result]) + " |"


def key(case: Case, role: str) -> str:
    """How the line of a case and role begins."""
    return f"| {case.peer} | {case.version} | IPv{case.family} | {case.mode} | {role}"


def _figures(outcome: Outcome | None) -> str:
    if outcome is None:
        return "never ended"
    return f"{outcome.gap * 1000:.0f} / {outcome.both * 1000:.0f}"


def markdown(rows: Mapping[tuple[str, str], Row], before: Iterable[str] = ()) -> str:
    """The whole table, in the order of the matrix. What was not measured now is taken from the one before."""
    lines = {f"{key(case, role)} |": "" for case, role in every_line()}
    for line in before:
        lines |= {start: line for start in lines if line.startswith(start)}
    lines |= {f"{key(row.case, row.role)} |": row.line() for row in rows.values()}
    return "\n".join([*_HEAD, *filter(None, lines.values())])


def every_line() -> Iterable[tuple[Case, str]]:
    """The cases and roles that the table must have."""
    return ((case, role) for case in MATRIX for role in ROLES)


def replace_table(text: str, table: str) -> str:
    """The document with another table. ValueError if it has no place for it."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"no {BEGIN} and {END} in the document")
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def table_of(text: str) -> list[str]:
    """The lines of the table in the document."""
    inside = text.partition(BEGIN)[2].partition(END)[0]
    return [line for line in inside.splitlines() if line.startswith("|")][len(_HEAD) :]
