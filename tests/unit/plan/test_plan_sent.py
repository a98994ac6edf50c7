"""The whole plan as bytes and back: what a good configuration of the corpus means can be told to others."""

from pathlib import Path

from sidecar.channel.codec import Codec
from sidecar.channel.parameters import BOUNDS
from sidecar.config.load import load
from sidecar.config.plan import plan_of
from sidecar.plan.plan import Plan
from tests.unit.config.good_files import EVERY_GOOD_FILE, environment


@EVERY_GOOD_FILE
def test_every_good_configuration_goes_there_and_back(file: Path, tmp_path: Path) -> None:
    plan = plan_of(load(file, environment(tmp_path), "host-a"))
    codec: Codec[Plan] = Codec(Plan, BOUNDS)
    assert codec.decode(codec.encode(plan)) == plan
