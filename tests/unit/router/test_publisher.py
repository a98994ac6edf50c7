"""With a pulse everything is told that has changed; totals where they are wanted and somebody reads."""

from dataclasses import replace

from sidecar.channel.down import CheckShown, Down, Pulse, RouterShown, Totals
from sidecar.channel.send_queue import Importance
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.snapshot import RouterSnapshot, Snapshot
from sidecar.core.state import State
from sidecar.router.publisher import FEW, Publisher
from sidecar.router.tallies import Tallies
from tests.fuzz.channel_decoders import PROCESS, SNAPSHOT

CHECK = CheckSnapshot("http", "http", True, "200 in 3 ms", 1.0, 2.0)


class Listener:
    """The part of a conversation that a publisher uses, with the messages that it was told."""

    attended = True

    def __init__(self) -> None:
        self.told: list[Down] = []

    def tell(self, message: Down, importance: Importance, key: object = None) -> None:
        assert (importance is Importance.STATE) is (key is not None)
        self.told.append(message)

    def take(self) -> list[Down]:
        told, self.told = self.told, []
        return told


def at(now: float, router: RouterSnapshot = SNAPSHOT, check: CheckSnapshot = CHECK) -> Snapshot:
    return Snapshot("a", now, (router,), (check,), stopping=False)


def stage() -> tuple[Listener, Tallies, Publisher]:
    listener, tallies = Listener(), Tallies()
    return listener, tallies, Publisher(listener, tallies, 0.0)


def test_a_picture_is_told_once_until_it_changes_and_before_its_pulse() -> None:
    listener, _, publisher = stage()
    publisher.pulse(at(1.0), PROCESS)
    assert listener.take() == [RouterShown(0, SNAPSHOT), CheckShown(0, CHECK), pulse(1.0)]
    publisher.pulse(at(1.1), PROCESS, answers=3)
    assert listener.take() == [pulse(1.1, answers=3)]
    backup, down = replace(SNAPSHOT, state=State.BACKUP), replace(CHECK, up=False)
    publisher.pulse(at(1.2, backup, down), PROCESS)
    assert listener.take() == [RouterShown(0, backup), CheckShown(0, down), pulse(1.2)]
    publisher.forget()
    publisher.pulse(at(1.3, backup, down), PROCESS)
    assert len(listener.take()) == 3


def pulse(moment: float, answers: int = 0) -> Pulse:
    return Pulse(moment, 0.0, stopping=False, process=PROCESS, answers=answers)


def test_totals_are_told_before_the_pulse_that_vouches_for_them() -> None:
    listener, tallies, publisher = stage()
    tallies.count("errors_total", "a", "b")
    publisher.pulse(at(1.0), PROCESS)
    assert not totals(listener)
    publisher.pulse(at(1.1, replace(SNAPSHOT, state=State.BACKUP)), PROCESS, totals=True)
    assert [type(each) for each in listener.take()] == [RouterShown, Totals, Pulse]


def totals(listener: Listener) -> list[Totals]:
    return [each for each in listener.take() if isinstance(each, Totals)]


def test_totals_are_told_with_the_pulse_while_somebody_reads() -> None:
    listener, tallies, publisher = stage()
    tallies.count("errors_total", "a", "b")
    listener.attended = False
    publisher.pulse(at(0.5), PROCESS, totals=True)
    assert not totals(listener)
    listener.attended = True
    publisher.pulse(at(1.0), PROCESS, totals=True)
    (told,) = totals(listener)
    assert told.counters[0].value == 1
    tallies.count("errors_total", "a", "b")
    publisher.pulse(at(1.0), PROCESS, totals=True)
    (told,) = totals(listener)
    assert told.counters[0].value == 2


def test_totals_of_many_routers_are_told_less_often() -> None:
    """A second for each thousand above those that are told with any pulse."""
    listener, tallies, publisher = stage()
    rounds = []
    for beat in range(6):
        for router in range(1500 + FEW):
            tallies.count("vrrp_adverts_sent_total", str(router))
        publisher.pulse(at(beat / 2), PROCESS, totals=True)
        rounds.append(sum(len(each.counters) for each in totals(listener)))
    assert rounds == [1500 + FEW, 0, 0, 1500 + FEW, 0, 0]
