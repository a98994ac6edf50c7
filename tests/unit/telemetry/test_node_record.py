"""What is remembered of another host from its answers."""

from sidecar.telemetry.node_record import NodeRecord
from tests.unit.telemetry.node_documents import master, told

URL = "http://10.77.0.12:9650"
NEW = NodeRecord(URL, 1000.0)


def test_a_vip_is_known_to_be_held_from_the_first_answer_to_the_last_question() -> None:
    first = NEW.answered(master(), 1010.0, 1010.2)
    (hold,) = first.holds
    assert (hold.first, hold.last) == (1010.2, 1010.0), "one answer shows a moment, and no duration"
    (hold,) = first.answered(master(), 1012.0, 1012.1).holds
    assert (hold.first, hold.last) == (1010.2, 1012.0)


def test_a_host_that_became_master_anew_holds_since_then() -> None:
    record = NEW.answered(master(), 1010.0, 1010.2).answered(master(since=1_790_000_900.0), 1012.0, 1012.1)
    assert [(hold.first, hold.last) for hold in record.holds] == [(1012.1, 1012.0)]


def test_what_is_not_answered_is_held_no_more() -> None:
    record = NEW.answered(master(), 1010.0, 1010.2).failed("connection refused")
    assert (record.holds, record.fault, record.read_at) == ((), "connection refused", 1010.2)
    assert record.told is not None


def test_a_host_whose_loop_is_stuck_holds_nothing_for_sure_and_is_no_standby() -> None:
    stuck = told(router={"state": "MASTER"}, owned=True, loop={"alive": False})
    record = NEW.answered(told(), 1010.0, 1010.2).answered(stuck, 1012.0, 1012.1)
    assert (record.holds, record.able_at) == ((), 1010.2)


def test_when_it_was_able_to_serve_is_remembered() -> None:
    unfit = told(router={"priority": {"configured": 240, "effective": 1}})
    record = NEW.answered(told(), 1010.0, 1010.2).answered(unfit, 1012.0, 1012.1)
    assert (record.able_at, record.read_at) == (1010.2, 1012.1)
