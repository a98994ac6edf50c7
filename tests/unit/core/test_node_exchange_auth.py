"""Signed adverts of routers that begin with a reload."""

from ipaddress import IPv4Interface

import pytest

from sidecar.core.actions import SendAdvert
from sidecar.core.events import ClockSet, Started, VipsDropped, VipsHeld
from sidecar.core.node import Node
from sidecar.core.params import HmacParams, NodeParams, RouterParams
from sidecar.core.wire.advert import TRAILER_SIZE
from sidecar.core.wire.auth_trailer import read
from sidecar.core.wire.hmac_key import HmacKey
from tests.unit.core.stage import DROPPED, LINK, router

OFFSET = 1.7e9
"""Seconds of the wall clock at 0 s of the core's clock."""
SIGNED = RouterParams(
    "signed", "eth0", 52, 100, (IPv4Interface("10.77.0.200/32"),), hmac=HmacParams((HmacKey(1, bytes(32)),))
)


def test_a_router_that_begins_with_a_reload_signs_by_the_wall_clock() -> None:
    node = Node(NodeParams("a", (router(),)), 0.0)
    node.step([ClockSet(OFFSET), LINK, Started()], 0.0)
    node.step([DROPPED], 0.0)
    node.exchange(NodeParams("a", (router(), SIGNED)), 1.0)
    node.step([LINK, VipsDropped("signed")], 1.0)
    node.step([], 11.0)
    (advert,) = (
        each
        for each in node.step([VipsHeld("signed", asked_at=11.0)], 11.0)
        if isinstance(each, SendAdvert) and each.router == "signed"
    )
    trailer = read(advert.packets[0][1][-TRAILER_SIZE:])
    assert trailer is not None
    assert trailer[1] / 2**32 == pytest.approx(OFFSET + 11.0, abs=0.1)
