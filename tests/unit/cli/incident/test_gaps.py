"""How long visitors waited, for every way in which a virtual router goes from one host to the next.

Modules: cli.incident.host_events, cli.incident.service, cli.incident.timeline.
"""

import pytest

from sidecar.cli.incident.gaps import Incident, incidents
from sidecar.cli.incident.history import Told
from sidecar.cli.incident.host_events import by_host
from sidecar.cli.incident.timeline import merged
from tests.unit.cli.incident.told import (
    BEGAN,
    Event,
    document,
    down,
    move,
    node_lost,
    pair,
    started,
    told,
    unfit,
    up,
)

SERVES = (
    started(0),
    move(3, "BACKUP", "MASTER", "master_down_timer", "no advertisement of any master for 3 s"),
)
STANDS_BY = (started(1), move(2, "INIT", "BACKUP", "startup"))
FAILED = move(100.002, "MASTER", "BACKUP", "health", "check nginx failed: pid 7 died")
TAKES = move(100.07, "BACKUP", "MASTER", "priority_zero", "10.0.0.1 resigned (priority 0)", took_ms=64.0)
SILENT = move(
    103.06, "BACKUP", "MASTER", "master_down_timer", "no advertisement of 10.0.0.1 for 3.06 s", took_ms=3060.0
)


def of(one: Told, other: Told, ahead: float = 0.0, within: float = 0.0) -> list[Incident]:
    return incidents(by_host(merged(pair(one, other, ahead, within))), "web")


def last(a: tuple[Event, ...], b: tuple[Event, ...]) -> Incident:
    return of(told("a", *a), told("b", *b))[-1]


def test_that_a_pair_starts_is_no_incident() -> None:
    assert of(told("a", *SERVES), told("b", *STANDS_BY)) == []


def test_a_check_that_tells_its_failure_at_once() -> None:
    exactly = down(100.001, "nginx", failing_seconds=0.001, unsure_seconds=0.0)
    found = last((*SERVES, exactly, FAILED), (*STANDS_BY, TAKES))
    gap = found.gap
    assert (found.before, found.after) == ("a", "b")
    assert (gap.seconds, gap.at_least, gap.at_most) == pytest.approx((0.07, 0.07, 0.07))
    assert found.left is not None
    assert found.left.cause == "check nginx failed: refused"


def test_a_check_that_samples_bounds_when_it_failed() -> None:
    sampled = down(100.001, "nginx", failing_seconds=0.2, unsure_seconds=1.0)
    gap = last((*SERVES, sampled, FAILED), (*STANDS_BY, TAKES)).gap
    assert (gap.at_least, gap.seconds, gap.at_most) == pytest.approx((0.269, 0.769, 1.269))


def test_the_first_of_several_checks_that_failed_counts_and_none_that_was_not_the_cause() -> None:
    first = down(99.5, "http", failing_seconds=0.4, unsure_seconds=0.0)
    second = down(100.001, "nginx", failing_seconds=0.0, unsure_seconds=0.0)
    other = down(99.0, "gateway", failing_seconds=3.0, unsure_seconds=0.0)
    both = FAILED | {"detail": "check http failed: refused; check nginx failed: pid 7 died"}
    gap = last((*SERVES, other, first, second, both), (*STANDS_BY, TAKES)).gap
    assert gap.seconds == pytest.approx(0.97)


def test_the_clock_of_the_other_host_is_corrected_and_its_doubt_widens_the_bounds() -> None:
    exactly = down(100.001, "nginx", failing_seconds=0.001, unsure_seconds=0.0)
    a, b = told("a", *SERVES, exactly, FAILED), told("b", *STANDS_BY, TAKES, ahead=3.0)
    (found,) = of(a, b, ahead=3.001, within=0.002)
    gap = found.gap
    assert (gap.at_least, gap.seconds, gap.at_most) == pytest.approx((0.067, 0.069, 0.071))
    assert of(b, a, ahead=-3.001, within=0.002)[-1].gap.seconds == pytest.approx(0.069)


def test_a_clock_that_was_wrong_before_its_host_was_started_again_is_told_by_a_resignation() -> None:
    """Events of b before its boot at second 150 are 3 s ahead; since then its clock is right."""
    exactly = down(100.001, "nginx", failing_seconds=0.001, unsure_seconds=0.0)
    before = tuple(each | {"at": each["at"] + 3.0} for each in (*STANDS_BY, TAKES))
    b = told("b", *(each | {"boot": "another"} if "boot" in each else each for each in before), booted=150.0)
    (found,) = of(told("a", *SERVES, exactly, FAILED), b)
    assert found.gap.seconds == pytest.approx(0.07, abs=0.005)


def test_a_host_that_is_lost_was_lost_within_one_interval() -> None:
    for a in (SERVES, (*SERVES, started(180))):
        gap = last(a, (*STANDS_BY, SILENT)).gap
        assert gap.at_least <= 2.04
        assert gap.at_most == pytest.approx(3.06)
        assert gap.seconds == pytest.approx(2.55)


def test_a_host_of_whose_events_nothing_is_known_is_named_by_its_address() -> None:
    b = (started(1), move(2, "INIT", "BACKUP", "startup"))
    (silent,) = of(told("b", *b, SILENT), told("c"))
    assert (silent.before, silent.after) == ("10.0.0.1", "b")
    assert silent.gap.at_most == pytest.approx(3.06)
    (resigned,) = of(told("b", *b, TAKES), told("c"))
    assert (resigned.before, resigned.left, resigned.gap.at_most) == ("10.0.0.1", None, None)


def test_signs_of_life_tell_more_exactly_when_a_host_was_lost() -> None:
    """The last advertisement was at second 100, the last sign at 100.6."""
    for unrelated in ((), (node_lost(60.0, "silent", 1.0),), (node_lost(300.0, "silent", 1.0),)):
        for at in (101.6, 104.0):
            gap = last(SERVES, (*STANDS_BY, *unrelated, node_lost(at, "silent", at - 100.6), SILENT)).gap
            assert (gap.at_least, gap.seconds, gap.at_most) == pytest.approx((2.26, 2.36, 2.46))


def test_a_host_whose_sidecar_was_killed_had_the_vips_until_their_lease_was_over() -> None:
    found = last(SERVES, (*STANDS_BY, node_lost(101.1, "closed", 0.5), SILENT))
    assert (found.gap.at_least, found.gap.at_most) == pytest.approx((0.0, 2.46))
    assert found.left is not None
    assert found.left.cause == "the sidecar of a ended without a resignation"


def test_a_link_that_is_lost_is_told_by_the_host_that_lost_it() -> None:
    lost = move(100.0, "MASTER", "FAULT", "link", "eth0 has no carrier")
    gap = last((*SERVES, lost), (*STANDS_BY, SILENT)).gap
    assert (gap.seconds, gap.at_least, gap.at_most) == pytest.approx((3.06, 3.06, 3.06))


def test_a_host_that_went_on_by_its_own_record_may_have_served() -> None:
    yields = move(150.0, "MASTER", "BACKUP", "higher_priority")
    found = last((*SERVES, yields), (*STANDS_BY, SILENT))
    assert (found.gap.at_least, found.gap.at_most) == pytest.approx((0.0, 3.06))


def test_where_the_better_host_comes_back_nobody_waits() -> None:
    exactly = down(100.001, "nginx", failing_seconds=0.001, unsure_seconds=0.0)
    back = move(140.0, "BACKUP", "MASTER", "preempt", took_ms=3000.0)
    gone = move(140.004, "MASTER", "BACKUP", "higher_priority")
    found = last((*SERVES, exactly, FAILED, up(130, "nginx"), back), (*STANDS_BY, TAKES, gone))
    assert (found.before, found.after) == ("b", "a")
    assert (found.gap.seconds, found.gap.at_most) == (0.0, 0.0)


def test_where_the_next_host_is_unfit_visitors_wait_until_a_check_is_up() -> None:
    exactly = down(100.0, "nginx", failing_seconds=0.0, unsure_seconds=0.0)
    b = (*STANDS_BY, down(90, "nginx"), TAKES, unfit(100.07, "nginx"), up(130, "nginx"))
    found = last((*SERVES, exactly, FAILED), b)
    assert found.after == "b"
    assert found.gap.seconds == pytest.approx(30.0)
    still = last((*SERVES, exactly, FAILED, move(160, "BACKUP", "MASTER", "preempt")), b[:-1])
    assert (still.before, still.after) == ("a", "a")
    assert still.gap.seconds == pytest.approx(60.0)


def test_a_sidecar_that_was_killed_and_goes_on_with_its_vips_is_no_incident() -> None:
    adopted = {"event": "adopted", "at": 100.3, "router": "web", "result": "adopted", "detail": "alive"}
    assert of(told("a", *SERVES, started(100.2), adopted), told("b", *STANDS_BY)) == []


def test_events_that_make_no_sense_together_are_no_fault_of_whoever_reads_them() -> None:
    nonsense = (
        move(5, "MASTER", "MASTER", "health"), move(5, "MASTER", "BACKUP", "preempt"), started(5), SILENT,
        move(6, "BACKUP", "MASTER", "priority_zero"), down(7, ""), up(7, ""), unfit(6, ""), FAILED,
    )  # fmt: skip
    for a in (nonsense, nonsense[::-1]):
        for found in of(told("a", *a), told("b", *nonsense)):
            assert found.gap.seconds is None or found.gap.seconds >= 0


def test_times_are_those_of_the_reference() -> None:
    assert document("a", started(1)) != document("b", started(1))
    assert merged(pair(told("a", started(1)), told("b", started(2), ahead=9.0), ahead=9.0))[1].at == (
        pytest.approx(BEGAN + 2)
    )
