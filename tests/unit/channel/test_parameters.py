"""The parameters of the core as bytes: what every good configuration of the corpus means fits in."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from sidecar.channel.malformed import Malformed, Unencodable
from sidecar.channel.parameters import NODE_PARAMS
from sidecar.config.load import load
from sidecar.config.params import node_params
from sidecar.core.health.params import CheckParams, DampingParams
from sidecar.core.params import NodeParams, RouterParams
from tests.fuzz.packets import ROUTERS
from tests.unit.config.good_files import EVERY_GOOD_FILE, environment


@EVERY_GOOD_FILE
def test_every_good_configuration_goes_there_and_back(file: Path, tmp_path: Path) -> None:
    params = node_params(load(file, environment(tmp_path), "host-a").config)
    assert NODE_PARAMS.decode(NODE_PARAMS.encode(params)) == params


def test_no_field_of_a_router_is_left_out() -> None:
    """A field that is added later is sent, too: the codec reads the class."""
    whole = RouterParams(
        **{each.name: getattr(ROUTERS[0], each.name) for each in fields(RouterParams)}
        | {"damping": DampingParams(1, 2.0, 3.0, 4.0), "hosts": 2, "checks": ("http",), "weights": (-5,)}
    )
    params = NodeParams(
        "host-a", (*ROUTERS, whole), (CheckParams("http", "http", 3, 4, -5, 2.5),), (("web",),)
    )
    assert NODE_PARAMS.decode(NODE_PARAMS.encode(params)) == params


@pytest.mark.parametrize(
    "wrong",
    [{"vrid": 0}, {"vrid": 256}, {"priority": 0}, {"interval_cs": 0}, {"version": 4}, {"weights": (300,)}],
    ids=str,
)
def test_numbers_out_of_their_range_are_not_sent(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unencodable):
        NODE_PARAMS.encode(NodeParams("host-a", (replace(ROUTERS[0], **wrong),)))


def test_no_cut_of_parameters_decodes() -> None:
    good = NODE_PARAMS.encode(NodeParams("host-a", ROUTERS))
    for size in range(0, len(good), 7):
        with pytest.raises(Malformed):
            NODE_PARAMS.decode(good[:size])
