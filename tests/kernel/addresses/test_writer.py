"""Many VIPs in one request, a kernel that makes us wait, and what an older version has left."""

import subprocess
import threading
import time
from dataclasses import replace
from functools import partial
from ipaddress import ip_interface

import pytest

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.address import Vip
from sidecar.core.events import VipsHeld, VipsObserved
from sidecar.net.addresses.sweep import sweep
from sidecar.net.addresses.writer import Lease
from sidecar.net.command_queue import PATIENCE
from sidecar.net.task import complete
from tests.kernel.addresses6 import leave_behind
from tests.kernel.desk import HOLD, NEVER, ROUTER, VIP, Desk, desk
from tests.kernel.own_namespace import get_ipv4, inside, ip, ip_batch, left_of_leases, set_ipv4
from tests.lateness import Lateness
from tests.netns.lab import wait_until

pytestmark = pytest.mark.netns

MANY: tuple[Vip, ...] = tuple(ip_interface(f"10.77.1.{n}/24") for n in range(1, 255))
WIDE = replace(ROUTER, addresses=MANY)


def shown(interface: str = "v0") -> list[str]:
    command = ["ip", "-o", "-4", "address", "show", "dev", interface]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def routes() -> str:
    return subprocess.run(["ip", "route"], check=True, capture_output=True, text=True).stdout


def test_254_vips_of_one_router_are_added_renewed_and_removed() -> None:
    def work() -> None:
        ip("address add 10.77.1.0/16 dev v0")
        with desk(WIDE) as d:
            hold = HoldVips("web", "v0", MANY, 30, NEVER)
            assert d.hold(hold).error is None
            assert d.until(VipsObserved, lambda seen: len(seen.owned) == 254).owned == set(MANY)
            assert d.hold(replace(hold, lease=60)).error is None
            assert sum(seconds > 30 for seconds in left_of_leases("\n".join(shown()))) == 254
            assert d.drop(DropVips("web", "v0", MANY)).error is None
            assert not [line for line in shown() if "scope host" in line]

    inside(work)


def test_of_many_vips_those_that_are_refused_are_named() -> None:
    """The view does not know yet that one of them is there: as when both happen at once."""

    def work() -> None:
        with desk() as d:
            writer = d.network._addresses._writer
            index = d.network._view.index("v0")
            assert index is not None
            ip("address add 10.77.1.2/32 dev v0")
            lease = Lease(index, MANY[:3], frozenset(), 30, 254)
            codes = complete(d.loop, writer.hold(lease, NEVER))
            assert codes == [0, 17, 0]

    inside(work)


@pytest.mark.timing
def test_while_the_kernel_keeps_a_request_waiting_the_loop_goes_on(lateness: Lateness) -> None:
    """Deleting many interfaces holds the lock that a request for addresses needs."""

    def work() -> None:
        ip_batch(f"link add m{n} type veth peer name n{n}\n" for n in range(300))
        with desk() as d:
            d.hold()
            done = threading.Event()

            def busy() -> None:
                ip_batch(f"link del m{n}\n" for n in range(300))
                done.set()

            worst = 0.0
            thread = threading.Thread(target=busy)
            lateness()
            thread.start()
            while not done.is_set():
                began = time.perf_counter()
                d.network.perform(HOLD)
                worst = max(worst, time.perf_counter() - began)
                d.until(VipsHeld)
            thread.join()
            assert worst < 0.01 + lateness()

    inside(work)


def has_carrier(d: Desk) -> bool:
    d.hear()
    link = d.network._view.link("v0")
    return link is not None and link.up


def test_the_echo_of_a_renewal_wakes_nobody() -> None:
    def work() -> None:
        with desk() as d:
            d.hold(replace(HOLD, lease=30))
            d.until(VipsObserved, lambda seen: seen.owned == {VIP})
            # The kernel tells of a carrier by a work queue of its own, up to a second later.
            wait_until(partial(has_carrier, d), 5, "v0 has a carrier")
            d.rest(0.1)
            assert d.hold(replace(HOLD, lease=60)).error is None
            d.woken = False
            d.rest(0.2)
            assert not d.woken
            assert left_of_leases("".join(shown()))[0] > 30

    inside(work)


@pytest.mark.timing
def test_a_reading_that_takes_longer_than_a_lease_delays_no_renewal_and_no_removal(
    lateness: Lateness,
) -> None:
    """The kernel may be slow to tell everything; a MASTER reads it every 10 s."""

    def work() -> None:
        with desk() as d:
            d.hold()
            d.until(VipsObserved, lambda seen: seen.owned == {VIP})
            d.network._workers.dumps.submit(partial(time.sleep, 2.5))
            d.network._upkeep.want()
            begun, slowest = time.monotonic(), 0.0
            while time.monotonic() - begun < 2:
                asked = time.monotonic()
                assert d.hold().error is None
                slowest = max(slowest, time.monotonic() - asked)
                d.rest(0.1)
            assert not d.network._view.current
            assert slowest < 0.1 + lateness()
            assert d.drop().removed == {VIP}
            assert not [line for line in shown() if "10.77.0.100" in line]

    inside(work)


def test_a_vip_that_the_kernel_adds_too_late_is_removed_by_the_drop_that_follows() -> None:
    """The core has given up waiting, and says that it let go only once nothing can come after it."""

    def work() -> None:
        with desk() as d:
            d.network._workers.requests.submit(partial(time.sleep, PATIENCE + 0.4))
            assert d.hold(replace(HOLD, lease=60)).error == "the kernel did not answer in time"
            answer = d.drop()
            assert answer.error is None
            assert answer.removed == {VIP}
            assert not [line for line in shown() if "10.77.0.100" in line]

    inside(work)


@pytest.mark.parametrize("promote", [0, 1])
def test_the_vip_of_an_older_version_goes_and_the_address_below_it_stays(promote: int) -> None:
    """As /24 it has become primary, and the host's own address is its secondary."""

    def work() -> None:
        set_ipv4("promote_secondaries", promote, "v0")
        ip("address del 10.77.0.11/24 dev v0")
        leave_behind("v0", ip_interface("10.77.0.100/24"))
        ip("address add 10.77.0.11/24 dev v0")
        assert "secondary" in next(line for line in shown() if "10.77.0.11/24" in line)
        with desk() as d:
            assert d.hold(replace(HOLD, lease=60)).error is None
            (own,) = [line for line in shown() if "10.77.0.11/24" in line]
            assert "secondary" not in own
            assert [line for line in shown() if "10.77.0.100/32" in line]
            assert not [line for line in shown() if "10.77.0.100/24" in line]
        assert "10.77.0.0/24 dev v0 proto kernel scope link src 10.77.0.11" in routes()
        assert get_ipv4("promote_secondaries", "v0") == promote

    inside(work)


@pytest.mark.parametrize("promote", [0, 1])
def test_cleanup_leaves_the_address_below_the_vip_of_an_older_version(promote: int) -> None:
    def work() -> None:
        set_ipv4("promote_secondaries", promote, "v0")
        ip("address del 10.77.0.11/24 dev v0")
        leave_behind("v0", ip_interface("10.77.0.100/24"))
        ip("address add 10.77.0.11/24 dev v0")
        assert sweep([ROUTER]) == ["10.77.0.100/24 on v0"]
        assert [line.split()[3] for line in shown()] == ["10.77.0.11/24"]
        assert get_ipv4("promote_secondaries", "v0") == promote

    inside(work)


def test_cleanup_leaves_the_address_of_somebody_else() -> None:
    def work() -> None:
        ip("address add 10.77.0.100/32 dev v0")
        assert sweep([ROUTER]) == []
        assert "10.77.0.100/32" in [line.split()[3] for line in shown()]

    inside(work)


def test_no_router_removes_what_another_one_of_ours_holds() -> None:
    """Two routers have the same VIP on two interfaces. It is refused at load; here it is no fight either."""
    here, there = replace(ROUTER, name="here"), replace(ROUTER, name="there", interface="v1", vrid=52)

    def work() -> None:
        with desk(here, there) as d:
            for router in (here, there):
                hold = HoldVips(router.name, router.interface, (VIP,), 30, NEVER)
                assert d.hold(hold).error is None
            assert d.drop(DropVips("here", "v0", (VIP,))).error is None
            assert [line for line in shown("v1") if "10.77.0.100/32" in line]
            assert not [line for line in shown("v0") if "10.77.0.100/32" in line]

    inside(work)
