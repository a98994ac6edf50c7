"""The pool of the compose lab: two application servers behind both nginx, told through the engine."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from tests.e2e.compose_lab import PORT, ROOT, VIP, ComposeLab, inspect, run
from tests.e2e.sidecar_alone import OTHER_USER
from tests.e2e.test_lab import eventually, get, status
from tests.netns.bounds import BUSY
from tests.netns.journal import Journal
from tests.netns.lab import wait_until
from tests.netns.sightings import Answer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

APPS = {"app-1": "10.77.0.21:8080", "app-2": "10.77.0.22:8080"}
DETECTION = 2 * 0.5 + 0.3
"""A container that is killed takes its network along: nobody says no. Two probes, the second to its end."""
LEAVE = 0.3
AS_OBSERVER = ("docker", "exec", "--user", str(OTHER_USER), "sidecar-a")
"""Root may not write the folder of the pools: it has no capability for that."""


def pool(lab: ComposeLab, host: str = "a") -> dict[str, Any]:
    (found,) = status(lab, host)["pools"]
    assert isinstance(found, dict)
    return found


def serving(lab: ComposeLab, host: str = "a") -> list[str]:
    """The application servers that nginx of a host is proven to serve; nothing while that changes."""
    seen = pool(lab, host)
    names = {address: name for name, address in APPS.items()}
    live = seen["state"] == "live"
    return [names[s["server"]] for s in seen["servers"] if s["in_service"] and live]


def answers(lab: ComposeLab, host: str) -> bool:
    """Whether the sidecar of a host, which may be starting, shows its pool."""
    try:
        return bool(pool(lab, host))
    except (RuntimeError, AssertionError, ValueError):  # nobody listens, or what is told is not whole
        return False


def served_by(lab: ComposeLab, url: str) -> bool:
    """Whether nginx, which may be starting, answers with a page of the application."""
    try:
        return "app-" in get(lab, url)[1]
    except RuntimeError:
        return False


def at_rest(lab: ComposeLab, host: str) -> bool:
    """Whether nginx serves all servers with their whole weight, by one answer: a change may be due."""
    seen = pool(lab, host)
    whole = all(server["in_service"] and server["ramp_percent"] == 100 for server in seen["servers"])
    return whole and seen["state"] == "live"


def lines(event: str, since: float, container: str = "sidecar-a") -> list[dict[str, Any]]:
    """Log lines of a sidecar of one kind, after a moment of the wall clock."""
    text = run("docker", "logs", "--since", f"{since:.3f}", container).stdout
    parsed = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in parsed if line["event"] == event]


def logged(
    event: str,
    since: float,
    host: str = "a",
    wanted: Callable[[dict[str, Any]], bool] = lambda _: True,
) -> list[dict[str, Any]]:
    """The same where there must be one that is wanted, which may come after the status has told of it."""
    found: list[dict[str, Any]] = []

    def there() -> bool:
        found[:] = filter(wanted, lines(event, since, f"sidecar-{host}"))
        return bool(found)

    wait_until(there, 5, f"{event} in the log of {host}")
    return found


def at(line: dict[str, Any]) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()


@contextmanager
def visitor(lab: ComposeLab) -> Iterator[Journal[Answer]]:
    """Somebody asks the VIP for a page of the application two hundred times a second."""
    argv = [*lab.inside(lab.client_container), sys.executable, str(ROOT / "lab" / "client.py"), "--json"]
    argv += ["--path", "/app/", "--every", "0.005", "--timeout", "3", f"{VIP}:{PORT}"]
    journal = Journal(subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE), Answer)
    try:
        journal.wait(lambda answer: bool(answer.who), 5, what="an answer of the application")
        yield journal
    finally:
        journal.close()


@pytest.fixture
def settled(lab: ComposeLab) -> ComposeLab:
    for host in "ab":
        eventually(partial(at_rest, lab, host), True, 45)
    return lab


def test_both_hosts_serve_the_application(settled: ComposeLab) -> None:
    names = {get(settled, f"http://{VIP}:{PORT}/app/")[1].strip() for _ in range(8)}
    assert names == set(APPS)


@pytest.mark.timing
def test_a_killed_server_leaves_in_time_and_returns_by_itself_and_no_request_fails(
    settled: ComposeLab,
) -> None:
    with visitor(settled) as journal:
        killed, since = time.time(), time.monotonic()
        run("docker", "kill", "app-1")
        try:
            died = datetime.fromisoformat(inspect("app-1", "{{.State.FinishedAt}}")).timestamp()
            for host in "ab":
                eventually(partial(serving, settled, host), ["app-2"], 10)
                (verdict,) = logged("server_down", killed, host)
                reload = logged("pool_changed", killed, host, lambda line: len(line["serving"]) == 1)[0]
                assert at(verdict) - died <= DETECTION + BUSY + settled.late(since)
                assert at(reload) - at(verdict) <= LEAVE + BUSY + settled.late(since)
        finally:
            run("docker", "start", "app-1")
        eventually(lambda: serving(settled), list(APPS), 10)
        assert [answer for answer in journal.since() if not answer.who] == []


def test_a_hung_server_leaves(settled: ComposeLab) -> None:
    run("docker", "pause", "app-2")
    try:
        eventually(lambda: serving(settled), ["app-1"], 10)
    finally:
        run("docker", "unpause", "app-2")
    # The reload budget may make an addition wait.
    eventually(lambda: serving(settled), list(APPS), 30)


def test_a_broken_file_beside_ours_is_not_loaded_and_the_application_is_served(settled: ComposeLab) -> None:
    began = time.time()
    broken = "/etc/nginx/pools/zz.conf"
    run(*AS_OBSERVER, "sh", "-c", f"echo 'nonsense on;' > {broken}")
    run("docker", "kill", "app-1")
    try:
        eventually(lambda: pool(settled)["state"], "failed", 10)
        (line, *_) = logged("pool_changed", began, wanted=lambda line: line["result"] == "refused")
        assert 'broken outside of this pool: unknown directive "nonsense"' in line["detail"]
        assert get(settled, f"http://{VIP}:{PORT}/app/") == (200, "app-2\n")
    finally:
        run(*AS_OBSERVER, "rm", broken)
        eventually(lambda: serving(settled), ["app-2"], 15)
        run("docker", "start", "app-1")
    eventually(lambda: serving(settled), list(APPS), 10)


def test_a_restarted_sidecar_reloads_nothing(settled: ComposeLab) -> None:
    began, generation = time.time(), pool(settled, "b")["generation"]
    run("docker", "kill", "sidecar-b")
    run("docker", "start", "sidecar-b")
    time.sleep(4)
    wait_until(lambda: answers(settled, "b") and serving(settled, "b") == list(APPS), 10, "b shows its pool")
    assert pool(settled, "b")["generation"] == generation
    assert lines("pool_changed", began, "sidecar-b") == []


def test_an_nginx_that_is_restarted_serves_the_pool_as_it_was(settled: ComposeLab) -> None:
    generation = pool(settled, "b")["generation"]
    run("docker", "restart", "--time", "1", "nginx-b")
    eventually(partial(served_by, settled, "http://10.77.0.12:8088/app/"), True, 10)
    time.sleep(3)
    eventually(lambda: pool(settled, "b")["state"], "live", 10)
    assert pool(settled, "b")["generation"] == generation


def test_a_change_while_nginx_is_down_reaches_it_when_it_is_back(settled: ComposeLab) -> None:
    run("docker", "kill", "nginx-b")
    run("docker", "kill", "app-1")
    try:
        eventually(lambda: "absent" in pool(settled, "b")["detail"], True, 10)
        run("docker", "start", "nginx-b")
        eventually(lambda: serving(settled, "b"), ["app-2"], 15)
    finally:
        run("docker", "start", "nginx-b", "app-1")
    eventually(lambda: serving(settled, "b"), list(APPS), 10)


def test_when_both_are_dead_all_are_tried_and_the_site_itself_is_served(settled: ComposeLab) -> None:
    run("docker", "kill", *APPS)
    try:
        eventually(lambda: pool(settled)["mode"], "fail_open", 10)
        code, body = get(settled, f"http://{VIP}:{PORT}/app/")
        assert code in (502, 504)
        assert "Out of order" in body
        assert get(settled, f"http://{VIP}:{PORT}/")[0] == 200
    finally:
        run("docker", "start", *APPS)
    eventually(lambda: serving(settled), list(APPS), 15)
