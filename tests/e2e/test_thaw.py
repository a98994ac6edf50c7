"""The lab is paused and thawed, all of it or one sidecar: the remains of the pause are no failure of anybody.

THAWS=20 repeats it as often.
"""

import json
import os
import time
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest

from sidecar.core.stall import THAW
from tests.e2e.compose_lab import ComposeLab, run

THAWS = int(os.environ.get("THAWS", "1"))
PAUSED = 8.0
PAUSED_ALONE = 4.0
"""Seconds: longer than the lease of the VIP, and than any result lives."""
SEARCHED = 4.0
"""Seconds: longer than a search for the machine of a sender."""
LATER = 0.7
"""Seconds by which the last container of a host is thawed after the first."""
NEAR = THAW - 0.1
"""Seconds by which nginx may be thawed after its sidecar: what is found later is no remains of the pause."""
FROZEN_ALONE = 0.3
"""Seconds that nginx may be paused before its sidecar: a check of a live one has not failed by then."""
TRIES = 5
"""Thaws until there is one that can be judged: a busy machine makes a command wait."""
LOOK_ON = 5.0
"""Seconds after a thaw: the preferred host has followed for a master-down interval and is MASTER again."""
CHECKED = ("check_up", "check_down")
CHANGES = (
    *CHECKED, "server_up", "server_down", "pool_changed", "pool_cut_off", "pool_drift", "pool_mode", "reload",
)  # fmt: skip
OF_THE_STALL = {"stall", "master_down_timer", "preempt", "higher_priority"}
"""Reasons of transitions that a stall itself has: no check is among them, and no resignation."""
WHILE_PAUSED = {"lan_silent_master"}
"""True of a paused host, and said by the other one when the pause was long enough."""

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180 + THAWS * 60)]


@pytest.fixture(scope="module")
def lab() -> Iterator[ComposeLab]:
    with ComposeLab() as made:
        serve_once(made)
        yield made


def serve_once(lab: ComposeLab) -> None:
    """Let host b serve for once: that a master is heard for the first time is news above info.

    So is the end of the search for its machine, whose packets may have stopped before.
    """
    mark = lab.client.mark
    run("docker", "pause", "nginx-a")
    lab.await_server("b", 20, mark)
    run("docker", "unpause", "nginx-a")
    lab.settle()
    time.sleep(SEARCHED)


class Since:
    """Lines that the sidecars log from now on."""

    def __init__(self, lab: ComposeLab) -> None:
        self._lab = lab
        self._known = {host: len(self._lines(host)) for host in "ab"}

    def _lines(self, host: str) -> list[str]:
        return self._lab.compose(
            "logs", "--no-color", "--no-log-prefix", f"sidecar-{host}"
        ).stdout.splitlines()

    def said(self, host: str) -> list[dict[str, Any]]:
        """The lines of one host."""
        lines = self._lines(host)[self._known[host] :]
        return [json.loads(line[line.index("{") :]) for line in lines if "{" in line]


def after_thaw(
    lab: ComposeLab, pause: Callable[[], object], seconds: float, thaw: Callable[[], object], hosts: str = ""
) -> Since:
    """Pause, thaw, and wait until the preferred host is back. What the sidecars log from the thaw on.

    Once more if nginx of one of these hosts was frozen so long beside a sidecar that ran that its failure is
    a true one: by the engine's clock, because the commands themselves may be late.
    """
    for _ in range(TRIES):
        lab.settle()
        began = time.time()
        pause()
        frozen = lab.done("pause", began) if hosts else {}
        time.sleep(seconds)
        since = Since(lab)
        thaw()
        thawed = lab.done("unpause", began) if hosts else {}
        time.sleep(LOOK_ON)
        lab.settle()
        if all(
            frozen[f"sidecar-{host}"] - frozen[f"nginx-{host}"] < FROZEN_ALONE
            and thawed[f"nginx-{host}"] - thawed[f"sidecar-{host}"] < NEAR
            for host in hosts
        ):
            return since
    raise AssertionError(f"the commands were too late {TRIES} times; at last: {frozen}, {thawed}")


def above_info(lines: list[dict[str, Any]], allowed: Collection[str] = ()) -> list[dict[str, Any]]:
    """Lines of warnings and worse, but of these events."""
    return [line for line in lines if line["level"] not in ("debug", "info") and line["event"] not in allowed]


def story(lines: list[dict[str, Any]]) -> str:
    """All that was said, a line each: the whole message when a thaw goes wrong."""
    return "\n".join(["", *(json.dumps(line) for line in lines)])


def test_after_a_pause_of_everything_no_check_and_no_server_has_failed(lab: ComposeLab) -> None:
    for _ in range(THAWS):
        since = after_thaw(
            lab, lambda: lab.compose("pause"), PAUSED, lambda: lab.compose("unpause"), hosts="ab"
        )
        for host in "ab":
            said = since.said(host)
            # The other host may come to itself seconds later.
            assert above_info(said, WHILE_PAUSED) == [], story(said)
            assert "stall" in [line["event"] for line in said], story(said)
            moves = [line["reason"] for line in said if line["event"] == "transition"]
            assert set(moves) <= OF_THE_STALL, story(said)
            assert len(moves) <= 2, story(said)


def test_after_a_pause_of_its_own_a_sidecar_blames_nobody(lab: ComposeLab) -> None:
    for _ in range(THAWS):
        since = after_thaw(
            lab,
            lambda: run("docker", "pause", "sidecar-a"),
            PAUSED_ALONE,
            lambda: run("docker", "unpause", "sidecar-a"),
        )
        said = since.said("a")
        assert above_info(said) == [], story(said)
        assert [line for line in said if line["event"] in CHANGES] == [], story(said)


def test_a_host_that_is_thawed_piece_by_piece_has_no_failure(lab: ComposeLab) -> None:
    def thaw() -> None:
        run("docker", "unpause", "sidecar-a")
        time.sleep(LATER)
        run("docker", "unpause", "nginx-a")

    for _ in range(THAWS):
        since = after_thaw(
            lab, lambda: run("docker", "pause", "sidecar-a", "nginx-a"), PAUSED_ALONE, thaw, hosts="a"
        )
        for host in "ab":
            said = since.said(host)
            allowed = WHILE_PAUSED if host == "b" else ()
            assert above_info(said, allowed) == [], story(said)
            assert [line for line in said if line["event"] in CHECKED] == [], story(said)
        assert "stall" in [line["event"] for line in since.said("a")]
