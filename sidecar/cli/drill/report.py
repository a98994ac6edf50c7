"""What a drill has shown, for people and for scripts. Pure."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sidecar.cli import exit_codes
from sidecar.cli.drill.preflight import Obstacle
from sidecar.doctor.evidence import Visit
from sidecar.telemetry.plain_words import printable


@dataclass(frozen=True, slots=True)
class Move:
    """The VIPs went from a host to another one within `seconds`.

    `gap`: for how long at most a visitor waited, None if nothing could be measured; `promised` for how long.
    """

    before: str
    after: str
    seconds: float
    gap: float | None
    promised: float

    @property
    def kept(self) -> bool:
        """Whether the promise was kept, as far as it was measured."""
        return self.gap is None or self.gap <= self.promised


@dataclass(slots=True)
class Drill:
    """One drill, as far as it has come."""

    node: str
    at: float
    obstacles: tuple[Obstacle, ...] = ()
    moves: list[Move] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    begun: bool = False
    """Whether the sidecar was drained for it."""

    @property
    def result(self) -> str:
        """Return `refused`, `failed` or `passed`."""
        if self.obstacles:
            return "refused"
        failed = self.troubles or not all(visit.passed for visit in self.visits)
        return "failed" if failed or not all(move.kept for move in self.moves) else "passed"

    @property
    def code(self) -> int:
        """The exit code."""
        codes = {"refused": exit_codes.BROKEN, "failed": exit_codes.DEGRADED, "passed": exit_codes.OK}
        return codes[self.result]


def render(drill: Drill) -> str:
    """Return the report for people."""
    return "\n".join(printable(line) for line in _lines(drill)) + "\n"


def document(drill: Drill) -> dict[str, Any]:
    """Return the report for scripts."""
    return {
        "result": drill.result,
        "node": drill.node,
        "at": round(drill.at, 3),
        "obstacles": [{"sentence": each.sentence, "mend": each.mend} for each in drill.obstacles],
        "moves": [
            {
                "from": move.before,
                "to": move.after,
                "seconds": round(move.seconds, 3),
                "gap_seconds": None if move.gap is None or move.gap == float("inf") else round(move.gap, 4),
                "promised_seconds": round(move.promised, 4),
                "kept": move.kept,
            }
            for move in drill.moves
        ],
        "visits": [
            {"check": each.check, "address": str(each.address), "port": each.port, "passed": each.passed,
             "detail": each.detail}
            for each in drill.visits
        ],
        "troubles": drill.troubles,
    }  # fmt: skip


def _lines(drill: Drill) -> Iterator[str]:
    if drill.obstacles:
        yield "refused, nothing was moved:"
        for obstacle in drill.obstacles:
            yield f"! {obstacle.sentence}"
            yield f"  {obstacle.mend}"
        return
    yield f"drill on {drill.node}, {time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(drill.at))} UTC"
    for move in drill.moves:
        mark = "  " if move.kept else "! "
        yield f"{mark}{move.before} to {move.after} in {move.seconds:.2f} s; {_waited(move)}"
    for visit in drill.visits:
        mark, where = "  " if visit.passed else "! ", "on this host" if visit.local else "over the network"
        yield f"{mark}check {visit.check} asked at {visit.address} port {visit.port} {where}: {visit.detail}"
    for trouble in drill.troubles:
        yield f"! {trouble}"
    yield f"{drill.result}: " + (
        "the VIPs went to the other host and came back"
        if drill.result == "passed"
        else "what is marked with ! needs somebody to look"
    )


def _waited(move: Move) -> str:
    if move.gap is None:
        return "how long visitors waited was not measured: no tcp or http check asks this host"
    promised = f"promised are {_milliseconds(move.promised)}"
    if move.gap == float("inf"):
        return f"visitors were not served any more; {promised}"
    return f"visitors waited {_milliseconds(move.gap)} at most; {promised}"


def _milliseconds(seconds: float) -> str:
    return f"{round(seconds * 1000)} ms"
