"""Which commands about VIPs are carried out beside others."""

from dataclasses import replace

import pytest

from sidecar.core.params import RouterParams
from sidecar.core.priorities import OWNER
from sidecar.net.addresses.side_by_side import is_plain, removals
from sidecar.net.command_queue import TOGETHER
from tests.unit.core.stage import router


@pytest.mark.parametrize(
    ("params", "plain"),
    [
        (router(), True),
        (replace(router(), accept=False), False),
        (replace(router(), accept=False, priority=OWNER), True),
        (replace(router(), virtual_mac=True), False),
        (replace(router(), virtual_mac=True, priority=OWNER), False),
    ],
)
def test_what_is_more_than_addresses_is_alone(params: RouterParams, *, plain: bool) -> None:
    assert is_plain(params) is plain


def test_on_the_way_out_each_router_is_removed_once_and_what_must_be_alone_is() -> None:
    routers = [
        replace(router(), name=f"r{number}", virtual_mac=number % 50 == 7)
        for number in range(2 * TOGETHER + 40)
    ]
    steps = [[drop.router for drop in drops] for drops in removals(routers)]
    assert sorted(name for step in steps for name in step) == sorted(each.name for each in routers)
    assert [step for step in steps if "r7" in step or "r57" in step] == [["r7"], ["r57"]]
    assert max(map(len, steps)) == TOGETHER
    assert len(steps) == 2 + 4


def test_where_there_is_nothing_nothing_is_removed() -> None:
    assert list(removals([])) == []
