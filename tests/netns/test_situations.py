"""In each situation both hosts say what they must: `make situations` writes it into docs/situations.md."""

import os
from pathlib import Path

import pytest

from tests.netns.lab import Lab
from tests.netns.situation_table import renew
from tests.netns.situations import STAGES, Said, Stage, settled
from tests.sample import rest

pytestmark = pytest.mark.netns

STAGED = [
    pytest.param(stage, id=stage.name) if stage.short else rest(stage, name=stage.name) for stage in STAGES
]


@pytest.mark.parametrize("stage", STAGED)
def test_what_status_says(stage: Stage) -> None:
    found: dict[str, tuple[Said, Said]] = {}
    try:
        with Lab(stage.setup, stage.daemons, hosts=len(stage.daemons), rogue=stage.rogue) as lab:
            for name in stage.play(lab):
                found[name] = settled(lab, name)
    finally:
        if report := os.environ.get("SITUATIONS_REPORT"):
            renew(Path(report), found)
