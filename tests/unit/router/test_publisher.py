"""Pictures are told when they change, times with the pulse, totals with it while somebody reads."""

from dataclasses import replace

from sidecar.channel.down import CheckShown, Down, Pulse, RouterShown, Totals
from sidecar.channel.send_queue import Importance
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.snapshot import MasterSeen, RouterSnapshot, Snapshot
from sidecar.core.state import State
from sidecar.router.publisher import Publisher
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


def test_a_picture_is_told_once_until_it_changes() -> None:
    listener, _, publisher = stage()
    publisher.show(at(1.0))
    assert listener.take() == [RouterShown(0, SNAPSHOT), CheckShown(0, CHECK)]
    publisher.show(at(1.1))
    assert listener.take() == []
    backup, down = replace(SNAPSHOT, state=State.BACKUP), replace(CHECK, up=False)
    publisher.show(at(1.2, backup, down))
    assert listener.take() == [RouterShown(0, backup), CheckShown(0, down)]
    publisher.forget()
    publisher.show(at(1.3, backup, down))
    assert len(listener.take()) == 2


def test_that_it_is_asked_to_stop_is_told_before_what_follows_from_it() -> None:
    listener, _, publisher = stage()
    publisher.show(at(1.0))
    listener.take()
    stopped = replace(SNAPSHOT, state=State.INIT)
    publisher.pulse(replace(at(1.1, stopped), stopping=True), PROCESS)
    pulse, shown = listener.take()
    assert isinstance(pulse, Pulse)
    assert pulse.stopping
    assert shown == RouterShown(0, stopped)


def test_what_changes_with_every_packet_waits_for_the_pulse() -> None:
    listener, _, publisher = stage()
    publisher.show(at(1.0))
    listener.take()
    assert SNAPSHOT.master is not None
    heard = MasterSeen(SNAPSHOT.master.source, 230, 1001.0, 1.0)
    later = replace(
        SNAPSHOT, master=heard, mismatches=(replace(SNAPSHOT.mismatches[0], adverts=9, heard_at=1001.0),)
    )
    fresh = replace(CHECK, detail="200 in 4 ms", reported_at=3.0)
    publisher.show(at(1.1, later, fresh))
    assert listener.take() == []
    publisher.pulse(at(1.5, later, fresh), PROCESS)
    assert listener.take() == [
        RouterShown(0, later),
        CheckShown(0, fresh),
        Pulse(1.5, 0.0, stopping=False, process=PROCESS),
    ]


def totals(listener: Listener) -> list[Totals]:
    return [each for each in listener.take() if isinstance(each, Totals)]


def test_totals_are_told_with_the_pulse_while_somebody_reads() -> None:
    listener, tallies, publisher = stage()
    tallies.count("errors_total", "a", "b")
    listener.attended = False
    publisher.pulse(at(0.5), PROCESS)
    assert not totals(listener)
    listener.attended = True
    publisher.pulse(at(1.0), PROCESS)
    (told,) = totals(listener)
    assert told.counters[0].value == 1
    tallies.count("errors_total", "a", "b")
    publisher.pulse(at(1.5), PROCESS)
    (told,) = totals(listener)
    assert told.counters[0].value == 2


def test_totals_of_many_routers_are_told_less_often() -> None:
    """1,500 of them no sooner than after 1.5 s."""
    listener, tallies, publisher = stage()
    rounds = []
    for beat in range(6):
        for router in range(1500):
            tallies.count("vrrp_adverts_sent_total", str(router))
        publisher.pulse(at(beat / 2), PROCESS)
        rounds.append(sum(len(each.counters) for each in totals(listener)))
    assert rounds == [1500, 0, 0, 1500, 0, 0]
