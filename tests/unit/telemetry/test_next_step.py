"""The next step in words: what holds now in the present tense, moments as a clock and as seconds."""

from ipaddress import IPv4Address

import pytest

from sidecar.core.snapshot import MasterSeen, Outlook, RouterSnapshot, Step
from sidecar.core.state import State
from sidecar.telemetry.next_step import next_step
from tests.unit.telemetry.handmade import router

NOW = 1000.0
WALL = 1_790_000_000.0
PEER = MasterSeen(IPv4Address("10.77.0.12"), 240, 999.5, 1.0)


def standby(step: Step, at: float | None = None, failures: int = 0, **more: object) -> RouterSnapshot:
    facts = {"state": State.BACKUP, "master": PEER, "effective_priority": 230} | more
    return router(outlook=Outlook(step, at, failures), **facts)


@pytest.mark.parametrize(
    ("shown", "sentence"),
    [
        (standby(Step.TAKES_OVER, 1001.94), "takes over in 1.9 s, unless a better master is heard"),
        (standby(Step.TAKES_OVER, 999.0), "takes over now, unless a better master is heard"),
        (standby(Step.TAKES_OVER, 1001.0, effective_priority=255), "takes over in 1.0 s"),
        (standby(Step.FOLLOWS), "nothing while 10.77.0.12 is heard; takes over after 3.02 s of silence"),
        (
            standby(Step.FOLLOWS, effective_priority=250),
            "nothing while 10.77.0.12 is heard, which it does not preempt (`preempt: false`); takes over",
        ),
        (
            standby(Step.HELD_DOWN, 1005.0, 2),
            "held down until 14:13:25 UTC after the 2nd failure; then preempts 10.77.0.12",
        ),
        (
            standby(Step.PREEMPT_DELAY, 1005.0),
            "waits until 14:13:25 UTC (preempt_delay); then preempts 10",
        ),
        (
            standby(Step.STARTUP_DELAY, 1005.0),
            "waits until 14:13:25 UTC (startup_delay); then takes over, unless a better master is heard",
        ),
        (standby(Step.ASKS_KERNEL, 1000.5), "asks the kernel for the VIPs again in 0.5 s"),
        (standby(Step.SYNC_GROUP), "waits: another router of its sync group cannot take over"),
        (standby(Step.FAULT, state=State.FAULT), "takes over nothing until the cause of the fault is gone"),
        (standby(Step.STARTS, master=None), "listens for a master as soon as"),
        (standby(Step.STOPS), "ends; it takes over no more"),
        (router(), "serves until it fails, is stopped or hears a better master"),
        (
            router(outlook=Outlook(Step.SERVES_UNFIT)),
            "serves although this host is unfit, because no host",
        ),
    ],
)
def test_each_step_is_a_sentence(shown: RouterSnapshot, sentence: str) -> None:
    assert next_step(shown, NOW, WALL)["sentence"].startswith(sentence)


def test_a_moment_is_told_as_a_clock_and_as_seconds() -> None:
    told = next_step(standby(Step.TAKES_OVER, 1001.5), NOW, WALL)
    assert (told["step"], told["at"], told["in_seconds"]) == ("takes_over", WALL + 1.5, 1.5)
    told = next_step(standby(Step.FOLLOWS), NOW, WALL)
    assert (told["at"], told["in_seconds"]) == (None, None)


@pytest.mark.parametrize(("number", "word"), [(1, "1st"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd")])
def test_failures_are_counted_in_words(number: int, word: str) -> None:
    shown = standby(Step.HELD_DOWN, 1005.0, number)
    assert f"after the {word} failure" in next_step(shown, NOW, WALL)["sentence"]
