"""A supervisor gives an observer another plan: the one at work, or the next one.

Modules: router.conversation.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Final

import pytest

from sidecar.channel.down import Level
from sidecar.channel.reload import LARGEST_EXCHANGE, ReloadAsked
from sidecar.core.health.observer_events import ChecksFresh, CheckVerdict
from sidecar.core.health.params import CheckParams
from sidecar.router.handed import Handed
from sidecar.router.icmp_sockets import IcmpSockets
from tests.unit.router.observers import CHECKS, Stage

pytestmark = pytest.mark.parts

HTTP, UPLINK = CHECKS
SWAPPED = Handed(b"another plan", (UPLINK, HTTP), IcmpSockets())
MORE = (UPLINK, CheckParams("dns", "dns"), CheckParams("page", "http"))
OTHERS = Handed(b"another plan", MORE, IcmpSockets())

PREPARES = """
from sidecar.channel.reload import Commit, Exchange, Exchanged, Prepared, ReloadAsked
say(Ready())
plan, asked = b"", 0
while True:
    say(Alive(clock(), end.received))
    for message in read():
        if isinstance(message, PlanPiece):
            plan += message.data
            if message.last and asked:
                say(Prepared(asked, WHY))
        if isinstance(message, Exchange):
            asked, plan = message.number, b""
        if isinstance(message, Commit):
            say(FreshResults((Fresh(0, 5.0),)), Exchanged(message.number), FreshResults((Fresh(0, 6.0),)))
    time.sleep(0.02)
"""

TAKES_SOCKETS: Final = """
from collections import deque
from sidecar.channel.reload import Commit, Exchange, Exchanged, MoreSockets, Prepared
passed, asked, had = deque(), 0, []
end = Endpoint(end._socket, UP, DOWN, clock, passed=passed)
say(Ready())
while True:
    say(Alive(clock(), end.received))
    for message in read():
        match message:
            case MoreSockets(ipv4, ipv6):
                for _ in range(ipv4 + ipv6):
                    had.append(socket.socket(fileno=passed.popleft()).proto)
            case Exchange(number):
                asked = number
            case PlanPiece(last=True) if asked:
                say(Prepared(asked, f"{list(passed)} {sorted(had)}"))
            case Commit(number):
                say(Exchanged(number))
    time.sleep(0.02)
"""


@pytest.fixture
def stages() -> Iterator[list[Stage]]:
    made: list[Stage] = []
    yield made
    for stage in made:
        stage.close()


def _are(answers: list[str], number: int) -> bool:
    return len(answers) == number


def start(stages: list[Stage], *programs: str) -> Stage:
    stages.append(Stage(*programs))
    stages[-1].until(lambda: stages[-1].events)
    return stages[-1]


def test_results_count_in_the_plan_that_the_observer_had(stages: list[Stage]) -> None:
    stage, answers = start(stages, PREPARES.replace("WHY", '""')), list[str]()
    stage.supervisor.prepare(7, SWAPPED, answers.append)
    stage.until(lambda: answers)
    assert answers == [""]
    stage.supervisor.commit()
    stage.until(lambda: stage.heard(ChecksFresh) == 2)
    # The first one was counted before the exchange, the second one after it.
    assert [each for each in stage.events if isinstance(each, ChecksFresh)] == [
        ChecksFresh(((1, 5.0),)),
        ChecksFresh(((0, 6.0),)),
    ]
    assert stage.supervisor.restarts == 0


def test_of_a_check_that_is_new_everything_is_heard_that_follows_the_exchange_at_once(
    stages: list[Stage],
) -> None:
    """All of it lies in the channel when the router reads: the exchange, and what is true from then on."""
    told = (
        "*[verdict] * 9, Exchanged(message.number), "
        '*[CheckVerdict("page", True, False, "", 3.0, 4.0)] * 9, FreshResults((Fresh(2, 6.0),))'
    )
    says = "FreshResults((Fresh(0, 5.0),)), Exchanged(message.number), FreshResults((Fresh(0, 6.0),))"
    program = PREPARES.replace("WHY", '""')
    assert says in program
    stage, answers = start(stages, program.replace(says, told)), list[str]()
    stage.supervisor.prepare(7, OTHERS, answers.append)
    stage.until(lambda: answers)
    stage.supervisor.commit()
    stage.until(lambda: stage.heard(ChecksFresh) == 1)
    verdicts = [each.check for each in stage.events if isinstance(each, CheckVerdict)]
    assert verdicts == ["page"] * 9
    assert ChecksFresh(((2, 6.0),)) in stage.events
    assert (stage.supervisor.talk.malformed, stage.supervisor.restarts) == (0, 0)


def test_an_observer_says_why_it_cannot(stages: list[Stage]) -> None:
    stage, answers = start(stages, PREPARES.replace("WHY", '"the port is taken"')), list[str]()
    stage.supervisor.prepare(7, SWAPPED, answers.append)
    stage.until(lambda: answers)
    stage.supervisor.abandon()
    stage.turn(0.2)
    assert (answers, stage.heard(ChecksFresh)) == (["the port is taken"], 0)


def test_an_observer_that_dies_meanwhile_refuses_nothing_and_the_next_one_has_the_plan(
    stages: list[Stage],
) -> None:
    dies = """
from sidecar.channel.reload import Exchange
say(Ready())
while True:
    say(Alive(clock(), end.received))
    if any(isinstance(message, Exchange) for message in read()):
        sys.exit(1)
    time.sleep(0.02)
"""
    tells = """
plan = b""
while not plan.endswith(b"plan"):
    plan += b"".join(each.data for each in read() if isinstance(each, PlanPiece))
    time.sleep(0.01)
say(Ready(), CheckVerdict("http", plan == b"another plan", False, plan.decode(), 1.0, 2.0))
live()
"""
    stage, answers = start(stages, dies, tells), list[str]()
    stage.supervisor.prepare(7, SWAPPED, answers.append)
    stage.until(lambda: answers)
    assert answers == [""]
    stage.supervisor.commit()
    stage.until(lambda: stage.heard(CheckVerdict))
    (verdict,) = [each for each in stage.events if isinstance(each, CheckVerdict)]
    assert verdict.detail == "another plan"


def test_a_plan_that_is_too_large_goes_to_a_new_observer(stages: list[Stage]) -> None:
    stage, answers = start(stages, PREPARES.replace("WHY", '""')), list[str]()
    stage.supervisor.prepare(7, replace(SWAPPED, plan=bytes(LARGEST_EXCHANGE + 1)), answers.append)
    assert answers == [""]
    stage.supervisor.commit()
    stage.until(lambda: stage.supervisor.restarts == 1 and stage.supervisor.pid is not None)
    assert stage.faults[0] == "reload"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may open raw sockets")
def test_sockets_that_a_plan_needs_come_before_it_and_no_more_than_are_lacking(stages: list[Stage]) -> None:
    stage, answers = start(stages, TAKES_SOCKETS), list[str]()
    for number, icmp in enumerate((IcmpSockets(1), IcmpSockets(2, 1), IcmpSockets(), IcmpSockets(2)), 1):
        stage.supervisor.prepare(number, replace(SWAPPED, icmp=icmp), answers.append)
        stage.until(partial(_are, answers, number))
        stage.supervisor.commit()
    # What it has been given, all raw sockets, when each plan was whole.
    assert answers == ["[] [1]", "[] [1, 1, 58]", "[] [1, 1, 58]", "[] [1, 1, 58]"]
    assert stage.supervisor.restarts == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may open raw sockets")
def test_an_observer_without_room_for_sockets_is_replaced(stages: list[Stage]) -> None:
    deaf = "say(Ready())\nfor _ in range(400):\n    say(Alive(clock(), end.received))\n    time.sleep(0.05)"
    stage, answers = start(stages, deaf), list[str]()
    talk = stage.supervisor.talk
    while not talk.waiting:
        talk.say(Level.INFO, "filling", detail="x" * 1000)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count suffices
    stage.supervisor.prepare(7, replace(SWAPPED, icmp=IcmpSockets(1)), answers.append)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
    assert answers == [""]
    stage.supervisor.commit()
    assert stage.faults == ["reload"]


def test_a_wish_is_passed_on(stages: list[Stage]) -> None:
    program = "from sidecar.channel.reload import ReloadAsked\nsay(Ready(), ReloadAsked(4, True))\nlive()"
    stage, wishes = Stage(program), list[ReloadAsked]()
    stages.append(stage)
    stage.supervisor.wish = wishes.append
    stage.until(lambda: wishes)
    assert wishes == [ReloadAsked(4, dry_run=True)]
