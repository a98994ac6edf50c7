"""A VIP that another router of the host gets is told as a move, and how long nobody has it."""

from dataclasses import replace
from ipaddress import ip_interface

import pytest

from sidecar.core.params import NodeParams, RouterParams
from sidecar.plan.changes.routers import router_changes

VIPS = [ip_interface(f"10.0.0.{number}/32") for number in (5, 6, 7)]
ONE = RouterParams("one", "eth0", 51, 250, (VIPS[0], VIPS[1]))
TWO = RouterParams("two", "eth0", 52, 250, (VIPS[2],))
LESS = replace(ONE, addresses=(VIPS[0],))
MORE = replace(TWO, addresses=(VIPS[2], VIPS[1]))
STAYS = "the VIP 10.0.0.6/32 goes to router two: where this host is MASTER of both it stays"
GOES = "the VIP 10.0.0.6/32 goes from this host if it is MASTER"


def told(old: tuple[RouterParams, ...], new: tuple[RouterParams, ...]) -> str:
    changes = router_changes(NodeParams("a", old), NodeParams("a", new))
    (gone,) = [change for change in changes if change.path == "virtual_routers.one.addresses"]
    return gone.effect


@pytest.mark.parametrize(
    ("old", "new", "effect"),
    [
        ((ONE, TWO), (LESS, MORE), STAYS),
        ((ONE, TWO), (LESS, TWO), GOES),
        ((ONE, replace(TWO, interface="eth1")), (LESS, replace(MORE, interface="eth1")), GOES),
        ((ONE, replace(TWO, virtual_mac=True)), (LESS, replace(MORE, virtual_mac=True)), GOES),
    ],
)
def test_a_router_that_goes_on_gets_it_at_once(
    old: tuple[RouterParams, ...], new: tuple[RouterParams, ...], effect: str
) -> None:
    assert told(old, new).startswith(effect)


def test_a_router_that_begins_must_hear_first() -> None:
    begins = replace(TWO, name="new", vrid=60, addresses=(VIPS[1],), priority=192)
    assert told((ONE,), (LESS, begins)) == (
        "the VIP 10.0.0.6/32 goes to router new, which begins as BACKUP: unless another host serves "
        "that one, nobody has the VIP for 3.25 s"
    )
