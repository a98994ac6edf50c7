"""A host that is cut off does not judge its servers: real kernel, real nginx, every way to be so."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from sidecar.checks.route import Route, route_to
from tests.netns.lab import wait_until
from tests.netns.lan import GATEWAY, address
from tests.netns.namespace import Namespace
from tests.netns.pool_stage import PoolStage

pytestmark = pytest.mark.netns

Fault = Callable[[PoolStage], AbstractContextManager[None]]

LONGER_THAN_A_VERDICT = 1.5
"""Seconds; one probe of a silent server, or two of the stage's usual ones, end within 1 s here."""
CUT_OFF = 'vipsidecar_errors_total{component="pools",reason="cut_off"}'


@contextmanager
def set_down(stage: PoolStage) -> Iterator[None]:
    stage.host.ip("link set eth0 down")
    try:
        yield
    finally:
        stage.host.ip("link set eth0 up")


@contextmanager
def without_address(stage: PoolStage) -> Iterator[None]:
    stage.host.ip("addr flush dev eth0 scope global")
    try:
        yield
    finally:
        stage.host.ip(f"addr add {address('a')}/24 brd + dev eth0")


@contextmanager
def without_interface(stage: PoolStage) -> Iterator[None]:
    stage.lan.delete_interface("a")
    try:
        yield
    finally:
        stage.lan.recreate_interface("a")


@contextmanager
def with_another_way_out(stage: PoolStage) -> Iterator[None]:
    """The interface is gone, and a default route of another network seems to lead to the servers."""
    stage.host.ip(
        "link add out type veth peer name far",
        "link set far up",
        "link set out up",
        "addr add 192.0.2.1/24 dev out",
        "route add default via 192.0.2.254",
    )
    with without_interface(stage):
        yield


@contextmanager
def unplugged(stage: PoolStage) -> Iterator[None]:
    with stage.lan.unplugged("a"):
        yield


CAUSES: dict[Fault, str] = {
    set_down: "no route to 10.77.0.1., and 1 more",
    without_address: "no route to 10.77.0.1., and 1 more",
    without_interface: "no route to 10.77.0.1., and 1 more",
    with_another_way_out: "10.77.0.1. is routed to 192.0.2.254 since its own network is gone, and 1 more",
    unplugged: "eth0 has no carrier",
}


@pytest.mark.parametrize("cut", CAUSES)
def test_a_host_that_is_cut_off_judges_no_server_and_says_so(
    cut: Fault,
) -> None:
    with PoolStage(check={"http": "/healthz", "every": "500ms", "timeout": "500ms", "fall": 1}) as stage:
        stage.sidecar.start()
        stage.await_serving("b", "c", within=15)
        generation = stage.pool()["generation"]
        assert not stage.log("server_down")
        assert stage.counted(CUT_OFF) == 0
        with cut(stage):
            wait_until(
                lambda: stage.pool().get("cut_off") is not None, 5, "the host knows that it is cut off"
            )
            stage.watch_for(LONGER_THAN_A_VERDICT)
            assert re.fullmatch(CAUSES[cut], stage.pool()["cut_off"])
            assert {server["up"] for server in stage.pool()["servers"]} == {True}
        wait_until(lambda: stage.pool().get("cut_off", "") is None, 10, "the servers are judged again")
        stage.watch_for(LONGER_THAN_A_VERDICT)
        assert (stage.serving(), stage.pool()["generation"]) == ({"b", "c"}, generation)
        assert len(stage.log("pool_changed")) == 1
        stage.await_all("pool_cut_off", "level", ["warning"])
        stage.await_all("pool_rejoined", "level", ["info"])
        assert not stage.log("server_down")
        assert stage.counted(CUT_OFF) == 1
        # Judged again means judged: the next server that dies leaves.
        stage.apps["c"].kill()
        stage.await_serving("b")


@contextmanager
def servers_unplugged(stage: PoolStage) -> Iterator[None]:
    with stage.lan.unplugged("b"), stage.lan.unplugged("c"):
        yield


@contextmanager
def beyond_the_link(stage: PoolStage) -> Iterator[None]:
    """The switch drops everything: nothing on this host says whose loss it is."""
    with stage.lan.cut_off("a"):
        yield


@pytest.mark.parametrize("fault", [servers_unplugged, beyond_the_link])
def test_servers_that_are_silent_on_a_link_that_lives_are_judged(
    fault: Fault,
) -> None:
    with PoolStage() as stage:
        stage.sidecar.start()
        stage.await_serving("b", "c", within=15)
        with fault(stage):
            wait_until(lambda: stage.pool().get("mode") == "fail_open", 5, "every server has failed")
            assert stage.pool()["cut_off"] is None
        stage.await_serving("b", "c", within=10)
        assert stage.counted(CUT_OFF) == 0


def test_a_sorry_server_that_can_be_reached_gets_the_requests_of_a_host_that_is_cut_off() -> None:
    with PoolStage(sorry="127.0.0.1:8081") as stage:
        stage.sidecar.start()
        stage.await_serving("b", "c", within=15)
        with stage.lan.unplugged("a"):
            wait_until(lambda: stage.pool().get("mode") == "sorry", 5, "the sorry server serves")
        stage.await_serving("b", "c", within=10)


def test_a_sidecar_that_starts_on_a_host_that_is_cut_off_touches_nothing() -> None:
    with PoolStage() as stage:
        written = stage.pool_file.read_bytes()
        with stage.lan.unplugged("a"):
            stage.sidecar.start()
            wait_until(
                lambda: stage.pool().get("cut_off") is not None, 15, "the host knows that it is cut off"
            )
            stage.watch_for(LONGER_THAN_A_VERDICT)
            assert (stage.pool()["state"], stage.pool_file.read_bytes()) == ("pending", written)
        stage.await_serving("b", "c", within=10)
        stage.await_all("pool_changed", "result", ["live"])


@pytest.fixture
def host() -> Iterator[Namespace]:
    made = Namespace()
    try:
        made.ip(
            "link add eth0 type veth peer name far",
            "link set far up",
            "link set eth0 up",
            f"addr add {address('a')}/24 dev eth0",
            f"addr add {address('a', 6)}/64 dev eth0 nodad",
            f"route add default via {GATEWAY}",
            f"route add default via {address('gateway', 6)} dev eth0",
        )
        yield made
    finally:
        made.close()


def routes(host: Namespace, *targets: str) -> list[Route]:
    with host.network():
        return [route_to(target) for target in targets]


LOCAL = (address("b"), address("b", 6))


def test_a_route_is_told_with_its_gateway(host: Namespace) -> None:
    assert routes(host, *LOCAL, "127.0.0.1", "::1", address("a")) == [Route()] * 5
    beyond = routes(host, "192.0.2.9", "2001:db8::9")
    assert beyond == [Route(GATEWAY), Route(address("gateway", 6))]
    host.ip("route add 198.51.100.0/24 via inet6 fe80::1 dev eth0")
    assert routes(host, "198.51.100.1") == [Route("fe80::1")]


@pytest.mark.parametrize(
    ("change", "obstacles"),
    [
        (("link set eth0 down",), [f"no route to {ip}" for ip in LOCAL]),
        (("link set far down",), ["eth0 has no carrier"] * 2),
        (("link del eth0",), [f"no route to {ip}" for ip in LOCAL]),
        (
            ("addr flush dev eth0 scope global",),
            [f"no route to {LOCAL[0]}", "eth0 has no global address"],
        ),
        (
            ("route add unreachable 10.77.0.12", "route add unreachable fd77::12"),
            [f"no route to {ip}" for ip in LOCAL],
        ),
    ],
)
def test_what_is_in_the_way_is_told(host: Namespace, change: tuple[str, ...], obstacles: list[str]) -> None:
    host.ip(*change)
    assert [route.obstacle for route in routes(host, *LOCAL)] == obstacles


def test_a_bridge_whose_members_are_gone_is_no_obstacle(host: Namespace) -> None:
    # As docker0 without containers: where these are the servers, they are what is missing.
    host.ip("link add br0 type bridge", "link set br0 up", "addr add 172.31.0.1/24 dev br0")
    assert routes(host, "172.31.0.2") == [Route()]
