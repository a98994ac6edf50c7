"""Requests of visitors and of probes: neither takes a healthy server from everybody else."""

import pytest

from tests.netns.lab import wait_until
from tests.netns.lan import VIP
from tests.netns.pool_stage import PoolStage
from tests.netns.webserver import PORT

pytestmark = pytest.mark.netns


def statuses(stage: PoolStage, path: str, times: int) -> list[str]:
    """Ask for a page through the VIP, and return what was answered."""
    words = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}\\n", f"http://{VIP}:{PORT}{path}"]
    return [stage.lan.members["client"].run(*words).strip() for _ in range(times)]


def test_a_page_that_fails_takes_no_server_from_the_other_visitors() -> None:
    with PoolStage() as stage:
        stage.start()
        mark = stage.client.mark
        assert statuses(stage, "/broken", 5) == ["503"] * 5
        stage.watch_for(1.2)
        wait_until(lambda: len(stage.client.since(mark)) > 100, 5, "enough of the other visitors")
        others = stage.client.since(mark)
        assert [answer for answer in others if not answer.who] == []
        assert {answer.who for answer in others} == {"b", "c"}
        assert stage.serving() == {"b", "c"}


def test_servers_that_want_their_name_serve_when_the_probe_asks_by_it() -> None:
    check = {"http": "/healthz", "host": "shop.example", "every": "200ms", "timeout": "200ms"}
    with PoolStage(check=check) as stage:
        for name in "bc":
            stage.set_mode(name, "site")
        stage.sidecar.start()
        stage.await_serving("b", "c", within=15)
        assert stage.pool()["mode"] == "normal"


def test_without_the_name_the_status_says_what_to_set() -> None:
    with PoolStage() as stage:
        for name in "bc":
            stage.set_mode(name, "site")
        stage.sidecar.start()
        wait_until(lambda: stage.pool().get("mode") == "fail_open", 15, "every server fails")
        assert all("`check.host`" in server["detail"] for server in stage.pool()["servers"])
