"""The whole plan as bytes and back: what a good configuration of the corpus means can be told to others."""

import os
from pathlib import Path

import pytest

from sidecar.channel.codec import Codec
from sidecar.channel.parameters import BOUNDS
from sidecar.config.load import load
from sidecar.config.plan import plan_of
from sidecar.plan.plan import Plan

GOOD = Path(__file__).parents[1] / "config" / "good"


@pytest.mark.parametrize("file", sorted(GOOD.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_good_configuration_goes_there_and_back(file: Path, tmp_path: Path) -> None:
    for name in ("one", "two", "hex", "one-in-hex", "exposed", "crlf"):
        (tmp_path / name).write_bytes(os.urandom(32).hex().encode()[:64])
        (tmp_path / name).chmod(0o600)
    environ = {"PRIORITY": "250", "SELF": "10.77.0.11", "PEER": "10.77.0.12", "KEYS": str(tmp_path)}
    plan = plan_of(load(file, environ, "host-a"))
    codec: Codec[Plan] = Codec(Plan, BOUNDS)
    assert codec.decode(codec.encode(plan)) == plan
