"""The real sidecar is stopped and continued: its own stall is nobody else's failure."""

import time
from typing import Any

import pytest

from sidecar.core.stall import THAW
from tests.lateness import Lateness
from tests.netns.bounds import WAKES
from tests.netns.lab import Lab, wait_until
from tests.netns.pool_stage import PoolStage
from tests.netns.vrrp_daemon import RELAXED_CHECKS, Setup
from tests.netns.webserver import PORT
from tests.sample import rest

pytestmark = pytest.mark.netns

LONGER_THAN_ANY_RESULT_LIVES = 4.0
"""Seconds; `max_age` of the checks here is 2 s to 3.5 s."""
PIECE_BY_PIECE = 0.6
"""Seconds by which the web server goes on later than the sidecar: more than `fall` runs of a check here."""
BUSY_CHECKS: dict[str, Any] = {
    # Often in the middle of a run, where a time-out would be ours.
    "program": {"exec": ["/bin/sleep", "0.3"], "every": "1s", "timeout": "900ms", "fall": 1},
    "page": {"http": f"http://127.0.0.1:{PORT}/", "every": "250ms", "timeout": "250ms"},
    "port": {"tcp": f"127.0.0.1:{PORT}", "every": "250ms", "timeout": "250ms"},
    "flag": {"file": "/nonexistent/maintenance", "every": "250ms", "timeout": "250ms"},
}


SPARE = 0.6
"""Seconds that every check here has left, at least: a machine that is later makes one fail in truth."""
SPARE_OF_A_BUSY_SERVER = 0.3
CHECKED = ("check_up", "check_down")
ABOUT_POOLS = (
    "server_up",
    "server_down",
    "pool_changed",
    "pool_cut_off",
    "pool_drift",
    "pool_mode",
    "pool_rejoined",
)


def log(lab: Lab, host: str) -> list[dict[str, Any]]:
    return lab.hosts[host].daemon.said()


def await_checks(lab: Lab, host: str) -> None:
    """Wait until all checks of a host pass: a first run beside the start of everything may take its time."""

    def pass_all() -> bool:
        last = {line["check"]: line["event"] for line in log(lab, host) if line["event"] in CHECKED}
        return last.keys() >= BUSY_CHECKS.keys() and set(last.values()) == {"check_up"}

    wait_until(pass_all, 5, f"all checks of {host} pass")


class Control:
    """What this machine does meanwhile to the sidecar of host b, which nobody stops, and to the client."""

    def __init__(self, lab: Lab) -> None:
        self._lab, self._before, self._since = lab, len(log(lab, "b")), time.monotonic()

    @property
    def busy(self) -> bool:
        """Whether a check of host a may fail in truth: the client was late, or one of host b failed."""
        failed = any(line["event"] == "check_down" for line in log(self._lab, "b")[self._before :])
        return failed or WAKES * self._lab.late(self._since) > SPARE


def test_no_check_fails_because_we_stood_still() -> None:
    with Lab(Setup(checks={**RELAXED_CHECKS, **BUSY_CHECKS}, router={"damping": False})) as lab:
        lab.start()
        await_checks(lab, "a")
        for phase in range(3):
            before, control = len(log(lab, "a")), Control(lab)
            lab.hosts["a"].daemon.hang()
            lab.watch_for(LONGER_THAN_ANY_RESULT_LIVES + phase * 0.07)
            lab.hosts["a"].daemon.resume()
            lab.await_server("a", within=15, mark=lab.client.mark)
            lab.watch_for(1.5)
            said = log(lab, "a")[before:]
            assert "stall" in [line["event"] for line in said]
            busy = control.busy
            assert busy or [line["event"] for line in said if line["event"] == "stall"] == ["stall"]
            assert busy or [line for line in said if line["event"] in CHECKED] == []
            await_checks(lab, "a")


def test_a_target_that_goes_on_after_us_has_not_failed() -> None:
    with Lab(Setup(checks={**RELAXED_CHECKS, **BUSY_CHECKS}, router={"damping": False})) as lab:
        lab.start()
        a, judged = lab.hosts["a"], 0
        for _ in range(6):
            await_checks(lab, "a")
            before, control = len(log(lab, "a")), Control(lab)
            a.daemon.hang()
            a.nginx.hang()
            lab.watch_for(LONGER_THAN_ANY_RESULT_LIVES)
            since = time.monotonic()
            a.daemon.resume()
            lab.watch_for(PIECE_BY_PIECE)
            a.nginx.resume()
            apart = time.monotonic() - since
            lab.await_server("a", within=15, mark=lab.client.mark)
            lab.watch_for(1.5)
            if apart > THAW - 0.1:
                continue  # we were late ourselves: a target that comes so late has failed
            assert control.busy or [line for line in log(lab, "a")[before:] if line["event"] in CHECKED] == []
            judged += 1
            if judged == 2:
                break
        assert judged, "it never went on in time"


def test_a_target_that_does_not_go_on_has_failed() -> None:
    with Lab(Setup(checks={**RELAXED_CHECKS, **BUSY_CHECKS}, router={"damping": False})) as lab:
        lab.start()
        await_checks(lab, "a")
        a = lab.hosts["a"]
        before = len(log(lab, "a"))
        a.daemon.hang()
        a.nginx.hang()
        lab.watch_for(LONGER_THAN_ANY_RESULT_LIVES)
        a.daemon.resume()
        lab.watch_for(THAW + 1.5)

        def down() -> set[str]:
            return {line["check"] for line in log(lab, "a")[before:] if line["event"] == "check_down"}

        wait_until(lambda: "page" in down(), 5, "the check of the page has failed")
        a.nginx.resume()


@pytest.mark.parametrize("mode", [rest("ok"), "busy"])
def test_no_server_fails_because_we_stood_still(mode: str, lateness: Lateness) -> None:
    # A server that is busy answers after 300 ms: half of the time a probe is under way, and 300 ms are left.
    with PoolStage(check={"http": "/healthz", "every": "600ms", "timeout": "600ms", "fall": 1}) as stage:
        stage.start()
        for name in "bc":
            stage.set_mode(name, mode)
        stage.watch_for(1)
        before = len(stage.sidecar.said())
        lateness()
        for phase in range(4):
            stage.sidecar.hang()
            stage.watch_for(LONGER_THAN_ANY_RESULT_LIVES + phase * 0.15)
            stage.sidecar.resume()
            stage.watch_for(1.5)
        said = stage.sidecar.said()[before:]
        if lateness() < SPARE_OF_A_BUSY_SERVER:
            assert [line for line in said if line["event"] in ABOUT_POOLS] == []
            about_pools = [line for line in said if "pool" in line or line.get("component") == "pools"]
            assert [line for line in about_pools if line["level"] not in ("info", "debug")] == []
        stage.await_serving("b", "c")
