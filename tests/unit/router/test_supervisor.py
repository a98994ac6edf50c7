"""An observer that is well is heard; one that is not is replaced, and nothing that was told gets lost.

Modules: router.icmp_sockets, router.observer_process.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sidecar.channel.down import Level
from sidecar.core.health.observer_events import (
    ChecksFresh,
    CheckVerdict,
    ObserverBack,
    ObserverSilent,
    ObserverStarted,
)
from sidecar.router import supervisor
from sidecar.router.conversation import MALFORMED
from sidecar.router.icmp_sockets import IcmpSockets
from sidecar.router.supervisor import PATIENCE, QUIET
from tests.unit.router.observers import GOOD, Stage

pytestmark = pytest.mark.parts

Make = Callable[..., Stage]


@pytest.fixture
def make() -> Iterator[Make]:
    stages: list[Stage] = []

    def made(*programs: str, plan: bytes = b"the plan", icmp: IcmpSockets | None = None) -> Stage:
        stages.append(Stage(*programs, plan=plan, icmp=icmp))
        return stages[-1]

    yield made
    for stage in stages:
        stage.close()


def lines(tmp_path: Path) -> str:
    """A program of an observer that writes what it is told into a file."""
    return f"out = open({str(tmp_path / 'lines')!r}, 'a')\nsay(Ready())\nlive(lines=out)"


def written(tmp_path: Path) -> list[str]:
    file = tmp_path / "lines"
    return file.read_text().splitlines() if file.exists() else []


def test_what_a_good_observer_says_is_heard(make: Make) -> None:
    stage = make(GOOD.replace("live()", "say(FreshResults((Fresh(1, 5.0),)))\nlive()"))
    stage.until(lambda: stage.heard(ChecksFresh))
    assert stage.events == [
        ObserverStarted(),
        CheckVerdict("http", up=True, unknown=False, detail="200 in 3 ms", since=1.0, reported_at=2.0),
        ChecksFresh(((1, 5.0),)),
    ]
    stage.turn(PATIENCE + 0.5)
    assert (stage.supervisor.restarts, stage.greeted, len(stage.events)) == (0, 1, 3)


def test_a_plan_of_any_size_arrives_whole(make: Make, tmp_path: Path) -> None:
    plan = os.urandom(3_000_000)
    program = (
        "plan = b''\n"
        "while True:\n"
        "    for message in read():\n"
        "        if isinstance(message, PlanPiece):\n"
        "            plan += message.data\n"
        f"            if message.last: open({str(tmp_path / 'plan')!r}, 'wb').write(plan); say(Ready())\n"
        "    time.sleep(0.001)"
    )
    stage = make(program, plan=plan)
    stage.until(lambda: stage.heard(ObserverStarted))
    assert (tmp_path / "plan").read_bytes() == plan


@pytest.mark.parametrize(
    ("fault", "reason", "said"),
    [
        ("sys.exit(5)", "ended", "the observer has ended (exit status 5)"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "ended", "killed by signal 11"),
        ("os.kill(os.getpid(), signal.SIGSTOP)", "silent", "it has said nothing for"),
        ("while True: pass", "silent", "it has said nothing for"),
        ("os.close(end.fileno()); time.sleep(60)", "hung_up", "it has closed the channel"),
        (
            "while True: os.write(end.fileno(), b'\\xff'); time.sleep(0.001)",
            "nonsense",
            "of its messages make no sense",
        ),
        (
            "while True: say(CheckVerdict('x', True, False, '', 1, 2)); time.sleep(0.01)",
            "nonsense",
            "no such check",
        ),
        ("while True: say(FreshResults((Fresh(2, 1.0),))); time.sleep(0.01)", "nonsense", "no such check"),
        (
            "end._socket.send(b'x' * 60_000); end._socket.send(b''); time.sleep(60)",
            "hung_up",
            "it has closed the channel",
        ),
    ],
    ids=["exits", "crashes", "stops", "spins", "hangs up", "garbage", "no check", "no index", "empty"],
)
def test_an_observer_that_is_not_well_is_replaced(
    make: Make, tmp_path: Path, fault: str, reason: str, said: str
) -> None:
    stage = make(f"say(Ready())\n{fault}", lines(tmp_path))
    stage.until(lambda: stage.heard(ObserverSilent))
    stage.until(lambda: stage.heard(ObserverStarted) == 2)
    stage.until(lambda: any("the next one is started in" in line for line in written(tmp_path)))
    assert said in "\n".join(written(tmp_path))
    assert [type(event) for event in stage.events] == [ObserverStarted, ObserverSilent, ObserverStarted]
    assert stage.faults[0] == reason
    assert stage.supervisor.restarts == 1
    assert stage.observers.started[0].pid != stage.supervisor.pid


def test_a_few_messages_without_sense_are_counted_and_forgiven(make: Make) -> None:
    garbage = "os.write(end.fileno(), b'\\xff')\n" * (MALFORMED - 1)
    stage = make(f"say(Ready())\n{garbage}say(verdict)\nlive()")
    stage.until(lambda: stage.heard(CheckVerdict))
    assert stage.supervisor.talk.malformed == MALFORMED - 1
    stage.turn(1.0)
    assert stage.supervisor.restarts == 0


def test_results_of_a_check_that_a_reload_has_just_removed_are_no_nonsense(make: Make) -> None:
    many = "for _ in range(20): say(verdict); say(FreshResults((Fresh(0, 1.0),)))\n"
    stage = make(f"say(Ready())\n{many}live()")
    stage.supervisor.talk.expect((), ())
    stage.until(lambda: stage.heard(ObserverStarted) == 1)
    stage.turn(1.0)
    assert stage.heard(CheckVerdict) == 0
    assert (stage.supervisor.talk.malformed, stage.supervisor.restarts) == (0, 0)


def test_pauses_between_observers_that_end_at_once_double(make: Make) -> None:
    stage = make("sys.exit(1)")
    began = time.monotonic()
    stage.until(lambda: stage.supervisor.restarts == 4, seconds=30)
    assert time.monotonic() - began >= 0.1 + 0.2 + 0.4 + 0.8


def test_an_observer_that_begins_slowly_again_and_again_gets_more_time(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the next one would not be faster."""
    monkeypatch.setattr(supervisor, "BEGINNING_AGAIN", 0.5)
    stage = make("say(Ready())\nsys.exit(1)", "time.sleep(1.0)\nsay(Ready())\nlive()")
    stage.until(lambda: stage.heard(ObserverStarted) == 2)
    assert stage.supervisor.restarts >= 2


# A look that comes late says that the router stood still, and excuses the silence.
@pytest.mark.timing
def test_a_short_silence_is_told_and_so_is_its_end(make: Make) -> None:
    stage = make(f"say(Ready())\nsay(Alive(clock(), 0))\ntime.sleep({(QUIET + PATIENCE) / 2})\nlive()")
    stage.until(lambda: stage.heard(ObserverBack))
    assert [type(event) for event in stage.events] == [ObserverStarted, ObserverSilent, ObserverBack]
    assert stage.supervisor.restarts == 0


def test_a_stall_of_the_router_is_no_silence_of_the_observer(make: Make) -> None:
    stage = make(GOOD)
    stage.until(lambda: stage.heard(CheckVerdict))
    pid = stage.supervisor.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)  # the whole container was paused
    time.sleep(PATIENCE + 0.3)
    os.kill(pid, signal.SIGCONT)
    stage.turn(1.0)
    assert stage.supervisor.restarts == 0


def test_what_nobody_has_read_is_told_to_the_next_one(make: Make, tmp_path: Path) -> None:
    """Also what the observer that was killed had in its socket."""
    stage = make("say(Ready())\nos.kill(os.getpid(), signal.SIGSTOP)", lines(tmp_path))
    stage.until(lambda: stage.heard(ObserverStarted))
    for number in range(50):
        stage.supervisor.talk.say(Level.INFO, "line", detail=str(number))
    stage.until(lambda: len([line for line in written(tmp_path) if line.startswith("line")]) == 50)
    told = [line.split()[1] for line in written(tmp_path) if line.startswith("line")]
    assert told == [str(number) for number in range(50)]


def test_without_an_observer_the_queue_is_bounded_and_the_loss_is_told(make: Make, tmp_path: Path) -> None:
    stage = make("sys.exit(1)", lines(tmp_path))
    for number in range(10_000):
        stage.supervisor.talk.say(Level.INFO, "line", detail=f"{number} {'x' * 500}")
    stage.supervisor.talk.say(Level.ERROR, "loud", detail="kept")
    lost = stage.supervisor.talk.lost
    assert lost > 5000
    stage.until(lambda: any("lines are lost" in line for line in written(tmp_path)))
    assert any(line.startswith("loud kept") for line in written(tmp_path))
    (told,) = (line for line in written(tmp_path) if "lines are lost" in line)
    assert int(told.split()[1]) == stage.supervisor.talk.lost


def test_a_flood_costs_a_bounded_share_of_each_moment(make: Make) -> None:
    """As many messages as the pace allows, whatever comes."""
    write = "    try: os.write(end.fileno(), UP.encode(verdict))\n    except BlockingIOError: pass"
    stage = make(f"say(Ready())\nwhile True:\n{write}")
    stage.until(lambda: stage.heard(CheckVerdict) > 100)
    before, began, cpu = stage.heard(CheckVerdict), time.monotonic(), time.process_time()
    stage.turn(2.0)
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    assert stage.heard(CheckVerdict) - before <= (seconds / 0.05 + 2) * 16
    assert cpu < 0.2 * seconds


def files(pid: int | str) -> set[str]:
    found = set[str]()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since
            found.add(str(each.readlink()))
    return found


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to open raw sockets")
def test_sockets_for_echo_requests_are_handed_over_and_not_kept(make: Make) -> None:
    stage = make("say(Ready())\nlive()", icmp=IcmpSockets(2, 1))
    stage.until(lambda: stage.heard(ObserverStarted))
    assert stage.supervisor.pid is not None
    theirs, ours = files(stage.supervisor.pid), files("self")
    listed = "".join(Path(f"/proc/net/{name}").read_text() for name in ("raw", "raw6"))
    handed = {f"socket:[{line.split()[9]}]" for line in listed.splitlines()} & theirs
    assert len(handed) == 3
    assert not handed & ours


def test_at_the_end_nobody_is_started_any_more(make: Make) -> None:
    stage = make(GOOD)
    stage.until(lambda: stage.heard(CheckVerdict))
    stage.supervisor.finish()
    stage.observers.started[0].kill()
    stage.until(lambda: stage.supervisor.pid is None)
    stage.turn(0.5)
    assert len(stage.observers.started) == 1
