"""All checks over the same evidence."""

from sidecar.doctor.evidence import Evidence
from sidecar.doctor.examination import CHECKS, examine, worst
from sidecar.doctor.problem import Severity, Unseen
from sidecar.plan.plan import ObserverPlan
from tests.unit.doctor.handmade import evidence, heard, router, running


def test_nothing_is_found_on_a_healthy_pair_that_runs() -> None:
    results = examine(evidence(running=running()))
    assert [result.check for result in results] == list(CHECKS)
    assert [problem for result in results for problem in result.problems] == []
    assert [why for result in results for why in result.unseen] == []
    assert worst(results) is None


def test_what_cannot_be_seen_is_said_once_for_each_check_and_is_no_problem() -> None:
    blind = Unseen("it needs the capability NET_RAW")
    nothing = Evidence(
        (router(),),
        ObserverPlan("b"),
        None,
        blind,
        blind,
        blind,
        blind,
        {},
        blind,
        synchronised=blind,
        removed=blind,
    )
    results = examine(nothing)
    assert [result.check.name for result in results if not result.unseen] == []
    assert all(len(set(result.unseen)) == len(result.unseen) for result in results)
    assert worst(results) is None


def test_the_worst_problem_is_the_verdict() -> None:
    shared = heard(addresses=["192.0.2.200"])
    assert worst(examine(evidence(heard(), shared))) is Severity.WARNING
    assert worst(examine(evidence(heard(), shared, heard(source="192.0.2.13", passed=0)))) is Severity.FAULT
    assert list(Severity) == [Severity.FAULT, Severity.WARNING]


def test_the_names_of_the_checks_differ() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
