"""A pool of application servers behind a real nginx, in namespaces: the nginx of a pid file."""

import time

import pytest

from tests.lateness import Lateness
from tests.netns.bounds import BUSY
from tests.netns.lab import wait_until
from tests.netns.lan import address
from tests.netns.pool_stage import APP_PORT, PoolStage

pytestmark = pytest.mark.netns

EVERY, TIMEOUT = 0.2, 0.2
REFUSED = EVERY + 0.05
"""A server whose kernel says no: until the next probe, and a second one 25 ms later."""
HUNG = 2 * EVERY + TIMEOUT
"""A server that says nothing: two probes, the second to its end."""
LEAVE = 0.3
"""From the verdict until nginx sends nothing to the server any more."""


@pytest.mark.timing
def test_a_killed_server_leaves_in_time_and_returns_by_itself_and_no_request_fails(
    lateness: Lateness,
) -> None:
    with PoolStage(server_options=["max_fails=0"]) as stage:
        stage.start()
        mark, killed = stage.client.mark, time.time()
        stage.apps["c"].kill()
        stage.await_serving("b")
        stage.watch_for(0.5)
        # max_fails=0: nginx by itself would go on trying, so the last try is when the server left.
        assert stage.last_tried("c") - killed < REFUSED + LEAVE + BUSY + lateness()
        assert stage.last_tried("c") - stage.verdict("c", up=False) < LEAVE + BUSY + lateness()
        stage.apps["c"].start()
        stage.await_serving("b", "c")
        assert stage.failures(mark) == []
        stage.await_all("pool_changed", "result", ["live"] * 3)


@pytest.mark.parametrize(
    ("mode", "detail"),
    [
        ("error", "http: status 503"),
        ("slow", "http: no answer within 200 ms"),
        ("busy", "http: no answer within 200 ms"),
        ("reset", "http: connection reset"),
    ],
)
@pytest.mark.timing
def test_a_server_that_answers_wrongly_leaves_and_returns(mode: str, detail: str, lateness: Lateness) -> None:
    with PoolStage() as stage:
        stage.start()
        mark, since = stage.client.mark, time.time()
        stage.set_mode("c", mode)
        stage.await_serving("b")
        # The detail has two spellings: what was reached stands before or after the time.
        stage.await_all("server_down", "server", [stage.address("c")])
        (line,) = stage.log("server_down")
        assert all(part in line["detail"] for part in detail.split(": ")), line
        assert stage.verdict("c", up=False) - since < HUNG + BUSY + lateness()
        stage.set_mode("c", "ok")
        stage.await_serving("b", "c")
        assert stage.failures(mark) == []


@pytest.mark.timing
def test_a_hung_server_leaves_and_what_it_had_is_answered_by_another(lateness: Lateness) -> None:
    with PoolStage(check={"icmp": True, "http": "/healthz", "every": "200ms", "timeout": "200ms"}) as stage:
        stage.start()
        mark, since = stage.client.mark, time.time()
        stage.apps["c"].hang()
        stage.await_serving("b")
        assert stage.verdict("c", up=False) - since < HUNG + BUSY + lateness()
        stage.watch_for(1.5)
        stage.apps["c"].resume()
        stage.await_serving("b", "c")
        assert stage.failures(mark) == []


def test_the_layer_that_fails_is_named() -> None:
    check = {"icmp": True, "http": "/healthz", "every": "500ms", "timeout": "500ms", "fall": 1}
    with PoolStage(check=check) as stage:
        stage.start()
        with stage.lan.unplugged("c"):
            stage.await_serving("b")
        stage.await_serving("b", "c")
        stage.apps["c"].kill()
        stage.await_serving("b")
        details = ["no answer within 500 ms: icmp: no echo reply", "tcp: connection refused"]
        stage.await_all("server_down", "detail", details)


def test_a_server_that_refuses_with_a_firewall_leaves_as_one_that_is_dead() -> None:
    with PoolStage() as stage:
        stage.start()
        mark = stage.client.mark
        rule = f"type filter hook input priority 0; tcp dport {APP_PORT} reject with tcp reset"
        stage.lan.members["c"].run("nft", f"table ip no {{ chain in {{ {rule}; }}; }}")
        stage.await_serving("b")
        stage.lan.members["c"].run("nft", "delete", "table", "ip", "no")
        stage.await_serving("b", "c")
        assert stage.failures(mark) == []


def test_servers_that_die_together_are_one_reload() -> None:
    with PoolStage(apps="bcd") as stage:
        stage.start()
        before = len(stage.log("pool_changed"))
        for name in "cd":
            stage.apps[name].kill()
        stage.await_serving("b")
        stage.watch_for(0.5)
        assert len(stage.log("pool_changed")) - before <= 2


def test_when_all_are_dead_every_server_is_tried_and_the_first_that_returns_serves() -> None:
    with PoolStage() as stage:
        stage.start()
        for app in stage.apps.values():
            app.kill()
        wait_until(lambda: stage.pool().get("mode") == "fail_open", 5, "the pool fails open")
        stage.await_serving("b", "c")
        stage.apps["b"].start()
        stage.await_serving("b")
        mark = stage.client.mark
        stage.client.wait(lambda answer: answer.who == "b", 5, mark, "an answer of b")
        wait_until(
            lambda: "fail_open" in [line["mode"] for line in stage.log("pool_mode")], 5, "the mode in the log"
        )


def test_when_all_are_dead_the_sorry_server_answers() -> None:
    servers = [f"{address(name)}:{APP_PORT}" for name in "bcd"]
    with PoolStage(apps="bcd", servers=servers[:2], sorry=servers[2]) as stage:
        stage.sidecar.start()
        stage.await_serving("b", "c", within=15)
        stage.start_client()
        mark = stage.client.mark
        for name in "bc":
            stage.apps[name].kill()
        stage.client.wait(lambda answer: answer.who == "d", 5, mark, "an answer of the sorry server")
        stage.apps["c"].start()
        stage.client.wait(lambda answer: answer.who == "c", 5, mark, "an answer of c")
        stage.await_serving("c")


@pytest.mark.timing
def test_a_server_that_returns_starts_slowly() -> None:
    with PoolStage(slow_start="3s", reload_every="500ms") as stage:
        stage.start()
        stage.apps["c"].kill()
        stage.await_serving("b")
        stage.apps["c"].start()
        wait_until(lambda: "weight=4" in stage.pool_file.read_text(), 5, "the first step")
        weights = set()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and "weight" in (text := stage.pool_file.read_text()):
            weights |= {line.strip() for line in text.splitlines() if stage.address("c") in line}
            time.sleep(0.02)
        assert len(weights) >= 3, weights
        assert "weight" not in stage.pool_file.read_text()
