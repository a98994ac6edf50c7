"""A reload from the wish to the exchange, with the real configuration child and real files."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.channel.package import Package
from sidecar.channel.reload import Reloaded, ReloadResult
from sidecar.cli.config_child import main
from sidecar.clock import clock
from sidecar.core.params import NodeParams
from sidecar.event_loop import EventLoop
from sidecar.net.router_lock import Held
from sidecar.router import rereading
from sidecar.router.config_child import package_of
from sidecar.router.handed import Handed
from sidecar.router.reload import WAITING, Reload

pytestmark = pytest.mark.parts

GOOD = """
node: a
virtual_routers:
  web: {interface: eth0, vrid: 51, priority: 100, version: 2, addresses: [10.77.0.100], auth: {pass: geheim}}
checks:
  gw: {icmp: 10.77.0.1}
control: {socket: SOCKET}
"""


class Hands:
    """Notes what a reload does, and lets it be refused."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.outcomes: list[Reloaded] = []
        self.failed: str | None = None
        self.held = self.why = ""
        self.gone = True
        self.answer: Callable[[str], None] | None = None
        self.at_once = True
        self.params: NodeParams | None = None

    def lock(self, _: NodeParams) -> None:
        if self.held:
            raise Held(self.held)
        self.done.append("lock")

    def unlock(self) -> None:
        self.done.append("unlock")

    def prepare(self, _: int, __: Handed, prepared: Callable[[str], None]) -> None:
        self.done.append("prepare")
        self.answer = prepared
        if self.at_once:
            prepared(self.why)

    def abandon(self) -> None:
        self.done.append("abandon")

    def leave(self, _: NodeParams) -> None:
        self.done.append("leave")

    def left(self, _: NodeParams) -> bool:
        return self.gone

    def exchange(self, params: NodeParams) -> None:
        self.done.append("exchange")
        self.params = params

    def tell(self, outcome: Reloaded, *, failed: str | None) -> None:
        self.outcomes.append(outcome)
        self.failed = self.failed if failed is None else failed


class Stage:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "config.yaml"
        self.socket = folder / "control.sock"
        self.write(GOOD)
        package = package_of(str(self.file), main)
        assert isinstance(package, Package)
        self.loop, self.hands = EventLoop(), Hands()
        self.reload = Reload(self.loop, str(self.file), package, self.hands)
        self.reload.begin()

    def write(self, text: str) -> None:
        self.file.write_text(text.replace("SOCKET", str(self.socket)))

    def until(self, number: int) -> Reloaded:
        ends = time.monotonic() + 60
        while len(self.hands.outcomes) < number:
            assert time.monotonic() < ends, self.hands.done
            self.loop.turn(clock() + 0.05)
            self.reload.look()
        return self.hands.outcomes[-1]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.reload.stop()
    made.loop.close()


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def told(outcome: Reloaded) -> Any:
    return json.loads(outcome.told)


def test_what_is_new_is_applied_in_its_order_and_nothing_secret_is_told(stage: Stage) -> None:
    stage.write(GOOD.replace("100,", "150,").replace("geheim", "anders"))
    stage.reload.ask(5)
    outcome = stage.until(1)
    assert (outcome.asked, outcome.result, outcome.why) == (5, ReloadResult.APPLIED, "")
    assert stage.hands.done == ["lock", "prepare", "leave", "exchange"]
    assert stage.hands.params is not None
    assert stage.hands.params.routers[0].password == b"anders"
    assert [each["path"] for each in told(outcome)["changes"]] == [
        "virtual_routers.web.priority",
        "virtual_routers.web.auth.pass",
    ]
    assert b"geheim" not in outcome.told
    assert b"anders" not in outcome.told
    stage.reload.ask()
    assert stage.until(2).result is ReloadResult.UNCHANGED


def test_a_plan_that_takes_another_observer_is_announced_as_that(stage: Stage) -> None:
    stage.write(GOOD.replace("gw: {icmp: 10.77.0.1}", "gw: {icmp: '2001:db8::1'}"))
    stage.reload.ask(1, dry_run=True)
    assert not [each for each in told(stage.until(1))["warnings"] if "another observer" in each]
    long = "x" * 4000
    many = "".join(f"\n  c{number}: {{exec: [/bin/true, {long}]}}" for number in range(140))
    stage.write(GOOD.replace("gw: {icmp: 10.77.0.1}", f"gw: {{icmp: 10.77.0.1}}{many}"))
    stage.reload.ask(2, dry_run=True)
    assert [each for each in told(stage.until(2))["warnings"] if "another observer" in each]


def test_a_dry_run_touches_nothing_and_mends_nothing(stage: Stage) -> None:
    stage.write(GOOD.replace("100,", "999,"))
    stage.reload.ask()
    assert stage.until(1).result is ReloadResult.REFUSED
    assert stage.hands.failed
    assert "priority" in stage.hands.failed
    assert any("999" in mistake for mistake in told(stage.hands.outcomes[0])["mistakes"])
    stage.write(GOOD)
    stage.reload.ask(6, dry_run=True)
    assert stage.until(2).result is ReloadResult.UNCHANGED
    stage.write(GOOD.replace("100,", "150,"))
    stage.reload.ask(7, dry_run=True)
    assert stage.until(3).result is ReloadResult.PLANNED
    assert stage.hands.done == []
    assert stage.hands.failed
    stage.reload.ask()
    assert stage.until(4).result is ReloadResult.APPLIED
    assert stage.hands.failed == ""


def test_values_of_the_environment_are_named_which_a_running_process_keeps(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIP_TEST_PRIORITY", "150")
    stage.write(GOOD.replace("100,", "'${VIP_TEST_PRIORITY}',"))
    stage.reload.ask(1, dry_run=True)
    outcome = told(stage.until(1))
    assert [each["path"] for each in outcome["changes"]] == ["virtual_routers.web.priority"]
    assert "virtual_routers.web.priority" in outcome["environment"]
    assert "up -d" in outcome["environment"]


def test_locks_of_another_sidecar_refuse_all_of_it(stage: Stage) -> None:
    stage.hands.held = "another sidecar has it"
    stage.write(GOOD.replace("vrid: 51", "vrid: 52"))
    stage.reload.ask()
    outcome = stage.until(1)
    assert (outcome.result, outcome.why) == (ReloadResult.REFUSED, "another sidecar has it")
    assert stage.hands.done == []


def test_a_port_that_is_taken_refuses_all_of_it(stage: Stage) -> None:
    stage.hands.why = "cannot listen"
    stage.write(GOOD + "http: {listen: '127.0.0.1:1'}\n")
    stage.reload.ask()
    assert stage.until(1).why == "cannot listen"
    assert stage.hands.done == ["lock", "prepare", "abandon", "unlock"]


def test_nothing_is_exchanged_before_ended_routers_have_left(stage: Stage) -> None:
    stage.hands.gone = False
    stage.write(GOOD.replace("vrid: 51", "vrid: 52"))
    stage.reload.ask()
    ends = time.monotonic() + 30
    while "leave" not in stage.hands.done:
        assert time.monotonic() < ends
        stage.loop.turn(clock() + 0.05)
    stage.reload.look()
    assert "exchange" not in stage.hands.done
    stage.hands.gone = True
    stage.reload.look()
    assert stage.hands.outcomes[-1].result is ReloadResult.APPLIED


def test_a_kernel_that_gives_no_vip_back_delays_it_only_for_a_while(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecar.router.reload.LEAVING", 0.1)
    stage.hands.gone = False
    stage.write(GOOD.replace("vrid: 51", "vrid: 52"))
    stage.reload.ask()
    assert stage.until(1).result is ReloadResult.APPLIED


def test_two_at_once_come_one_after_the_other_and_signals_are_one(stage: Stage) -> None:
    stage.write(GOOD.replace("100,", "150,"))
    stage.reload.ask(1)
    stage.reload.ask(2)
    for _ in range(5):
        stage.reload.ask()
    stage.until(3)
    assert [(each.asked, each.result) for each in stage.hands.outcomes] == [
        (1, ReloadResult.APPLIED),
        (2, ReloadResult.UNCHANGED),
        (0, ReloadResult.UNCHANGED),
    ]


def test_too_many_who_wait_are_refused_at_once(stage: Stage) -> None:
    for number in range(1, WAITING + 3):
        stage.reload.ask(number)
    (refused,) = stage.hands.outcomes
    assert (refused.asked, refused.result) == (WAITING + 2, ReloadResult.REFUSED)


def test_a_stop_ends_a_reload_and_refuses_the_next(stage: Stage) -> None:
    stage.reload.ask()
    child = stage.reload.child
    assert child is not None
    stage.reload.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    stage.reload.ask(3)
    assert stage.hands.outcomes[-1].why == "the sidecar is stopping"


def test_an_observer_that_says_nothing_refuses_it(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.router.reload.LISTENING", 0.1)
    stage.hands.at_once = False
    stage.write(GOOD.replace("100,", "150,"))
    stage.reload.ask()
    assert "did not say within" in stage.until(1).why
    assert stage.hands.done == ["lock", "prepare", "abandon", "unlock"]
    assert stage.hands.answer is not None
    stage.hands.answer("")
    assert "exchange" not in stage.hands.done


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit(3)", "status 3"),
        ("import os, sys; os.write(int(sys.argv[3]), b'nonsense')", "printed something else"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "status -9"),
    ],
)
def test_a_child_that_fails_touches_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, code: str, why: str
) -> None:
    monkeypatch.setattr(rereading, "_CODE", code)
    stage.reload.ask()
    assert why in stage.until(1).why
    assert (stage.hands.done, stage.reload.child) == ([], None)


def test_a_child_that_hangs_is_killed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rereading, "_CODE", "import time; time.sleep(600)")
    monkeypatch.setattr(rereading, "PATIENCE", 0.2)
    stage.reload.ask()
    assert "did not end" in stage.until(1).why


def test_a_reload_leaves_no_descriptor_behind(stage: Stage) -> None:
    stage.reload.ask()
    stage.until(1)
    before = descriptors()
    for number in range(2, 5):
        stage.write(GOOD.replace("100,", f"1{number}0,"))
        stage.reload.ask()
        stage.until(number)
    assert descriptors() == before
