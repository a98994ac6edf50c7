"""The diagram of the documents is that of the code."""

from pathlib import Path

from sidecar.core.state import Reason
from sidecar.telemetry.state_diagram import MEANINGS, lines

DOCUMENT = Path(__file__).parents[3] / "docs" / "states.md"


def test_the_document_shows_the_transitions_that_there_are() -> None:
    assert DOCUMENT.read_text().splitlines() == list(lines())


def test_every_cause_is_explained() -> None:
    assert MEANINGS.keys() == set(Reason)
