"""All hosts as known at one moment."""

from dataclasses import dataclass

from sidecar.cli.fleet.poll import Answer
from sidecar.cli.fleet.verdicts import Judged


@dataclass(frozen=True, slots=True)
class Picture:
    """Every router, and the answers in the order of the file. `at`: when it was made, in Unix time."""

    judged: tuple[Judged, ...]
    answers: tuple[Answer, ...]
    at: float
