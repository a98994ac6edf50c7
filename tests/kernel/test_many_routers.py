"""Many routers on one interface: what they ask for together, and what one of them costs the others.

Modules: net.kernel_reports.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address, ip_interface

import pytest

from sidecar.core.actions import DropVips, HoldVips, SendAdvert
from sidecar.core.events import Event, InterfaceChanged, VipsDropped, VipsHeld, VipsObserved
from sidecar.core.params import RouterParams
from sidecar.core.router.transmit import Transmitter
from sidecar.net.addresses.writer import _Answer, _Hold
from sidecar.net.network import Left
from sidecar.net.task import OutOfTimeError, Wait, complete
from tests.kernel.desk import NEVER, ROUTER, Desk, desk
from tests.kernel.exchanging import shown
from tests.kernel.far_end import set_ipv6
from tests.kernel.own_namespace import inside, ip

pytestmark = pytest.mark.netns

NUMBER = 240
NEW = ip_address("10.77.2.2")
ROUTERS = tuple(
    replace(ROUTER, name=f"r{n}", vrid=n, addresses=(ip_interface(f"10.77.1.{n}/32"),))
    for n in range(1, NUMBER + 1)
)


def hold(router: RouterParams) -> HoldVips:
    return HoldVips(router.name, router.vip_interface, router.addresses, 30, NEVER)


def drop(router: RouterParams) -> DropVips:
    return DropVips(router.name, router.vip_interface, router.addresses)


def test_what_all_ask_for_at_the_same_moment_is_few_writes() -> None:
    def work() -> None:
        with desk(*ROUTERS) as d:
            writes: list[int] = []
            writer = d.network._addresses._writer
            write = writer._hold

            def counted(some: Sequence[_Hold]) -> Iterator[_Answer]:
                writes.append(len(some))
                return write(some)

            writer._hold = counted  # type: ignore[method-assign]
            for router in ROUTERS:
                d.network.perform(hold(router))
            held = {answer.router: answer.error for answer in (d.until(VipsHeld) for _ in ROUTERS)}
            for router in ROUTERS:
                d.network.perform(drop(router))
            dropped = {answer.router: answer.error for answer in (d.until(VipsDropped) for _ in ROUTERS)}
            assert held == dropped == dict.fromkeys(router.name for router in ROUTERS)
            assert sum(writes) == NUMBER
            assert len(writes) < NUMBER / 4

    inside(work)


def be_still(d: Desk) -> None:
    """Have everything read and told, and nothing read anew later."""
    d.network._upkeep.end()
    complete(d.loop, d.network._view.settle())
    d.said += d.network.hear()


def test_a_vip_that_moves_costs_its_own_router_alone() -> None:
    def work() -> None:
        # The state of an address of IPv6 would change while this looks on.
        for interface in ("v0", "v1"):
            set_ipv6("disable_ipv6", 1, interface)
        with desk(*ROUTERS) as d:
            for router in ROUTERS:
                d.network.perform(hold(router))
            seen: set[str] = set()
            while len(seen) < NUMBER:
                seen.add(d.until(VipsObserved, lambda told: bool(told.owned)).router)
            be_still(d)
            looked: list[str] = []
            reports = d.network._reports
            look = reports._look_for_vips

            def counted(router: RouterParams) -> VipsObserved:
                looked.append(router.name)
                return look(router)

            reports._look_for_vips = counted  # type: ignore[method-assign]
            ip("address del 10.77.1.7/32 dev v0")
            assert d.until(VipsObserved, lambda told: not told.owned).router == "r7"
            assert set(looked) == {"r7"}
            ip("address add 10.77.2.2/24 dev v0")
            d.until(InterfaceChanged, lambda told: told.state is not None and NEW in told.state.addresses)
            assert set(looked) == {router.name for router in ROUTERS}
            assert d.network.abandon({}) == Left()
            assert "10.77.1." not in shown("v0")

    inside(work)


def test_on_the_way_out_no_router_waits_for_the_vips_of_another_to_resign() -> None:
    slow, quick = ROUTERS[:2]
    own = ip_address("10.77.0.11")
    resignations = {
        each.name: Transmitter(each, None).advertise(own, 0, 0.0, NEVER) for each in (slow, quick)
    }
    said: list[str] = []

    def work() -> None:
        with desk(slow, quick) as d:
            d.until(InterfaceChanged)
            give_up, advertise = d.network._addresses.drop, d.network._lan.advertise

            async def slowly(command: DropVips) -> VipsDropped:
                if command.router == slow.name:
                    with suppress(OutOfTimeError):
                        await Wait[None](lambda _: None)
                    said.append("out of time")
                return await give_up(command)

            def noted(command: SendAdvert) -> Event | None:
                said.append(command.router)
                return advertise(command)

            d.network._addresses.drop = slowly  # type: ignore[method-assign]
            d.network._lan.advertise = noted  # type: ignore[method-assign, assignment]
            assert d.network.abandon(resignations) == Left()

    inside(work)
    assert said == [quick.name, "out of time", slow.name]
