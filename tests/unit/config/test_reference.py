"""docs/configuration.md is what the model says."""

from pathlib import Path

from sidecar.config.model import Config
from sidecar.config.reference import render

DOCUMENT = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_committed_reference_is_current() -> None:
    assert DOCUMENT.read_text() == render(), (
        "run `python -m sidecar.config.reference > docs/configuration.md`"
    )


def test_every_key_is_explained() -> None:
    assert all(field.description for field in Config.model_fields.values())
    assert "|  |\n" not in render()
