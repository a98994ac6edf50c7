"""Accept_Mode against a real kernel: what the neighbour at the far end of the link still gets from a VIP.

Modules: net.nft.accept_filter, net.nft.accept_mode, net.nft.nfnetlink, net.nft.expressions.
"""

import sys
import time
from contextlib import closing
from ipaddress import ip_interface

import pytest

from sidecar.core.address import Vip
from sidecar.core.events import VipsHeld
from sidecar.net.addresses.vips import Addresses
from sidecar.net.command_queue import TIMEOUT
from sidecar.net.nft.accept_filter import AcceptFilter
from tests.kernel.accepting import (
    GLOBAL,
    IPV4,
    LOCAL,
    OWN,
    PORT,
    answers_ping,
    await_no_filter,
    connects,
    drop,
    filters,
    finds,
    hold,
    kill_the_holder_of_a_filter,
    listener,
    pings,
    router,
    run,
    shown,
)
from tests.kernel.desk import desk
from tests.kernel.far_end import far_end, give_ipv6
from tests.kernel.own_namespace import inside, ip
from tests.lateness import Lateness
from tests.netns.namespace import Namespace

pytestmark = pytest.mark.netns


@pytest.mark.parametrize("vip", [IPV4, GLOBAL, LOCAL], ids=str)
def test_what_is_sent_to_the_vip_is_dropped_and_the_vip_is_still_found(vip: Vip) -> None:
    def work() -> None:
        give_ipv6()
        address, own = str(vip.ip), OWN[vip]
        with far_end() as far, listener(), desk(router(vip)) as d:
            assert d.hold(hold(vip)).error is None
            assert f"{vip} " in shown()
            assert not pings(far, address)
            assert not connects(far, address)
            assert finds(far, address)
            assert answers_ping(far, own)
            assert connects(far, own)
            assert d.drop(drop(vip)).error is None
            assert address not in shown()
            await_no_filter()

    inside(work)


@pytest.mark.parametrize("vip", [IPV4, GLOBAL, LOCAL], ids=str)
def test_with_accept_the_vip_answers_and_there_is_no_table(vip: Vip) -> None:
    def work() -> None:
        give_ipv6()
        with far_end() as far, listener(), desk(router(vip)) as d:
            d.hold(hold(vip, accept=True))
            assert answers_ping(far, str(vip.ip))
            assert connects(far, str(vip.ip))
            assert not filters()

    inside(work)


def test_two_routers_of_one_host_can_differ() -> None:
    other = ip_interface("10.77.0.101/32")

    def work() -> None:
        give_ipv6()
        with far_end() as far, desk(router(IPV4), router(GLOBAL, "web6"), router(other, "other")) as d:
            d.hold(hold(IPV4))
            d.hold(hold(GLOBAL, "web6"))
            d.hold(hold(other, "other", accept=True))
            assert answers_ping(far, "10.77.0.101")
            assert not pings(far, "10.77.0.100")
            assert not pings(far, "fd77::100")
            d.drop(drop(IPV4))
            assert not pings(far, "fd77::100")

    inside(work)


@pytest.mark.parametrize("vip", [IPV4, GLOBAL], ids=str)
def test_the_host_itself_does_not_reach_the_vip_either(vip: Vip) -> None:
    def work() -> None:
        give_ipv6()
        ping = ("ping", "-c1", "-W1", str(vip.ip))
        with desk(router(vip)) as d:
            d.hold(hold(vip))
            assert " 0 received" in run(*ping)
            d.hold(hold(vip, accept=True))
            await_no_filter()
            assert " 1 received" in run(*ping)

    inside(work)


def test_a_link_local_vip_is_filtered_on_its_own_link_alone() -> None:
    def work() -> None:
        give_ipv6()
        with far_end() as far:
            ip("link add w0 type veth peer name w1")
            ip(f"link set w1 netns {far.pid}")
            ip("link set w0 up")
            ip("address add fe80::100/64 dev w0 nodad")
            far.ip("link set w1 up", "address add fe80::13/64 dev w1 nodad")
            with desk(router(LOCAL)) as d:
                assert d.hold(hold(LOCAL)).error is None
                assert not pings(far, "fe80::100")
                assert answers_ping(far, "fe80::100", "w1")

    inside(work)


def test_a_published_container_port_is_no_way_around() -> None:
    """Docker publishes ports by address translation, which comes before the host's own filters."""
    publish = "table ip nat { chain in { type nat hook prerouting priority dstnat; "
    publish += f"tcp dport 80 redirect to :{PORT}\n}}\n}}\n"

    def work() -> None:
        with far_end() as far, listener():
            run("nft", "-f", "-", stdin=publish)
            with desk(router(IPV4)) as d:
                d.hold(hold(IPV4, accept=True))
                assert connects(far, "10.77.0.100", 80)
                d.hold(hold(IPV4))
                assert not connects(far, "10.77.0.100", 80)
                assert connects(far, "10.77.0.11", 80)
                d.hold(hold(IPV4, accept=True))
                await_no_filter()
                assert connects(far, "10.77.0.100", 80)

    inside(work)


def test_what_is_forwarded_to_another_holder_is_not_dropped() -> None:
    """A router that is frozen loses the VIP while its filter stands: it must not cut off the next master."""

    def work() -> None:
        holder = Namespace()
        with far_end() as far, closing(holder):
            ip("link add w0 type veth peer name w1")
            ip(f"link set w1 netns {holder.pid}")
            for command in (
                "link set w0 up",
                "address add 10.78.0.1/24 dev w0",
                "route add 10.77.0.100 dev w0",
            ):
                ip(command)
            holder.ip(
                "link set w1 up",
                "address add 10.78.0.2/24 dev w1",
                "address add 10.77.0.100/32 dev w1",
                "route add default via 10.78.0.1",
            )
            far.ip("route add 10.77.0.100/32 via 10.77.0.11")
            run("sysctl", "-qw", "net.ipv4.ip_forward=1")
            with closing(AcceptFilter("v0", (IPV4,))):
                assert answers_ping(far, "10.77.0.100")
                ip("address add 10.77.0.100/32 dev v0")
                assert not pings(far, "10.77.0.100")

    inside(work)


def test_the_filter_is_there_before_the_vip_and_until_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, bool]] = []
    add, remove = Addresses._put, Addresses._remove

    def put(*words: object) -> object:
        seen.append(("add", filters() == 1))
        return add(*words)  # type: ignore[arg-type]

    def delete(*words: object) -> object:
        answer = remove(*words)  # type: ignore[arg-type]
        if words[-1]:  # a hold removes what an older version left, which is nothing here
            seen.append(("removed", filters() == 1))
        return answer

    def work() -> None:
        monkeypatch.setattr(Addresses, "_put", put)
        monkeypatch.setattr(Addresses, "_remove", delete)
        with desk(router(IPV4)) as d:
            d.hold(hold(IPV4))
            d.drop(drop(IPV4))
            assert seen == [("add", True), ("removed", True)]

    inside(work)


def test_without_the_filter_there_is_no_vip(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel before 5.12 answers so to the flag that it does not know."""

    def work() -> None:
        with desk(router(IPV4)) as d:
            with monkeypatch.context() as old_kernel:
                old_kernel.setattr("sidecar.net.nft.accept_filter.OWNER", 1 << 20)
                held = d.hold(hold(IPV4))
                assert (
                    held.error == "packets to the VIP cannot be filtered (nf_tables: Operation not supported)"
                )
            assert "10.77.0.100" not in shown()
            assert not filters()
            assert d.hold(hold(IPV4)).error is None

    inside(work)


def test_nobody_else_can_remove_the_filter() -> None:
    def work() -> None:
        with far_end() as far, desk(router(IPV4)) as d:
            d.hold(hold(IPV4))
            _, family, name = run("nft", "list", "tables").split()
            assert "Operation not permitted" in run("nft", "delete", "table", family, name)
            assert run("nft", "flush", "ruleset") == ""
            assert filters() == 1
            assert not pings(far, "10.77.0.100")

    inside(work)


def test_the_filter_dies_with_the_process() -> None:
    def work() -> None:
        kill_the_holder_of_a_filter()
        await_no_filter()

    inside(work)


@pytest.mark.timing
def test_a_kernel_that_is_busy_with_rules_stops_neither_the_loop_nor_the_way_out(
    monkeypatch: pytest.MonkeyPatch, lateness: Lateness
) -> None:
    delays = [1.5 * TIMEOUT, 0]

    class Slow(AcceptFilter):
        def __init__(self, interface: str, vips: tuple[Vip, ...]) -> None:
            time.sleep(delays.pop(0))
            super().__init__(interface, vips)

    def work() -> None:
        monkeypatch.setattr("sidecar.net.nft.accept_mode.AcceptFilter", Slow)
        with desk(router(IPV4)) as d:
            d.network.perform(hold(IPV4))
            naps = 0
            while not any(isinstance(event, VipsHeld) for event in d.said):
                d.rest(0.01)
                naps += 1
            assert d.until(VipsHeld).error == "the kernel did not answer in time"
            assert naps > 20
            asked = time.monotonic()
            assert d.drop(drop(IPV4)).error is None
            assert time.monotonic() - asked < 0.2 + lateness()
            assert "10.77.0.100" not in shown()
            assert d.hold(hold(IPV4)).error is None
            assert filters() == 1
            d.drop(drop(IPV4))
            await_no_filter()

    inside(work)


ORDINARY = """
import sys, threading
from tests.kernel.desk import desk
with desk() as d:
    assert d.hold().error is None
    assert d.drop().error is None
    loaded = [name for name in sys.modules if name.startswith(("sidecar.net.accept", "sidecar.net.nf"))]
    print(loaded, sorted(thread.name for thread in threading.enumerate()))
"""


def test_who_accepts_pays_nothing() -> None:
    def work() -> None:
        assert run(sys.executable, "-c", ORDINARY) == "[] ['MainThread', 'dumps', 'requests']\n"

    inside(work)
