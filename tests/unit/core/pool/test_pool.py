"""Decisions about a pool, as transcripts: who gets requests, when nginx is told, and what failure costs.

Modules: core.pool.upstream.
"""

import pytest

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.pool.events import (
    Isolated,
    JudgingChanged,
    ModeChanged,
    Probed,
    Reloaded,
    ReloadResult,
    Resolved,
    ServerChanged,
    ServerProbed,
)
from sidecar.core.pool.pool import Pool
from sidecar.core.pool.rollout import GATHER_PATIENT, GATHER_URGENT
from sidecar.core.pool.upstream import Mode
from tests.unit.core.pool.pool_stage import (
    EMPTY_HOST,
    ONE,
    TWO,
    advance,
    applies,
    done,
    failed,
    live,
    params,
    passed,
    serving,
)


def test_nothing_is_decided_before_every_server_has_a_verdict_and_nginx_was_asked() -> None:
    pool = Pool(params(), 0.0)
    assert not applies(pool.step([passed(ONE), passed(TWO)], 1.0))
    pool = Pool(params(), 0.0)
    assert not applies(pool.step([EMPTY_HOST, passed(ONE)], 1.0))
    assert pool.snapshot(1.0).state == "pending"
    ((_, apply),) = advance(pool, [failed(TWO)], 2.0, 3.0)
    assert serving(apply) == {ONE}


def test_a_failed_server_is_out_after_fall_results_and_in_again_after_rise() -> None:
    pool = live(now=0.0)
    assert not advance(pool, [failed(TWO)], 10.0, 12.0)
    ((at, apply),) = advance(pool, [failed(TWO)], 12.0, 13.0)
    assert at - 12.0 == pytest.approx(GATHER_URGENT)
    assert serving(apply) == {ONE}
    assert apply.generation == 2
    assert apply.reason == f"{TWO} failed: tcp: connection refused"
    assert f"server {TWO} down; # tcp: connection refused" in apply.text
    (report,) = [a for a in pool.step([done(apply)], at + 0.1) if isinstance(a, Reloaded)]
    assert report.result is ReloadResult.LIVE
    assert report.counts
    assert report.seconds == pytest.approx(GATHER_URGENT + 0.1)
    assert not advance(pool, [passed(TWO)], 20.0, 21.0)
    ((at, apply),) = advance(pool, [passed(TWO)], 21.0, 22.0)
    assert at - 21.0 == pytest.approx(GATHER_PATIENT)
    assert serving(apply) == {ONE, TWO}


def test_each_probe_is_told() -> None:
    results = [passed(ONE), failed(ONE), failed(ONE)]
    told = live().step(list(results), 5.0)
    assert [(a.server, a.result) for a in told if isinstance(a, ServerProbed)] == [
        (each.address, each.result) for each in results
    ]


def test_the_mode_that_a_pool_begins_in_is_told_unless_it_is_the_normal_one() -> None:
    normal = Pool(params(), 0.0).step([EMPTY_HOST, passed(ONE), passed(TWO)], 1.0)
    sick = Pool(params(), 0.0).step([EMPTY_HOST, failed(ONE), failed(TWO)], 1.0)
    assert [a for a in normal if isinstance(a, ModeChanged)] == []
    assert [a.mode for a in sick if isinstance(a, ModeChanged)] == [Mode.FAIL_OPEN]


def test_since_when_a_pool_is_as_it_is() -> None:
    pool = live(now=0.0)
    begun = pool.snapshot(1.0).since
    pool.step([passed(ONE)], 50.0)
    assert pool.snapshot(50.0).since == begun < 1.0
    pool.step([failed(TWO), failed(TWO)], 60.0)
    pool.step([], 60.001)
    assert pool.snapshot(60.001).since == 60.0


def test_what_is_as_before_when_the_change_would_be_made_is_no_reason_for_the_next_one() -> None:
    pool = live()
    pool.step([failed(ONE), failed(ONE)], 100.0)
    pool.step([passed(ONE), passed(ONE), passed(ONE)], 100.001)
    ((_, apply),) = advance(pool, [failed(TWO), failed(TWO)], 200.0, 201.0)
    assert apply.reason == f"{TWO} failed: tcp: connection refused"


@pytest.mark.parametrize(("count", "more"), [(3, ""), (4, " and 1 more")])
def test_three_reasons_are_named_and_the_others_counted(count: int, more: str) -> None:
    servers = [f"10.0.0.{n}:80" for n in range(21, 26)]
    pool = live(*servers, fall=1)
    ((_, apply),) = advance(pool, [failed(server) for server in servers[:count]], 5.0, 6.0)
    assert apply.reason.count("failed") == 3
    assert apply.reason.endswith(f"connection refused{more}")


@pytest.mark.parametrize(
    ("sorry", "mode", "expected"),
    [(None, Mode.FAIL_OPEN, {ONE, TWO}), ("127.0.0.1:8099", Mode.SORRY, {"127.0.0.1:8099"})],
)
def test_when_no_server_passes_all_get_requests_or_the_sorry_server_does(
    sorry: str | None, mode: Mode, expected: set[str]
) -> None:
    pool = live(sorry=sorry)
    ((at, apply),) = advance(pool, [failed(ONE), failed(ONE)], 5.0, 6.0)
    pool.step([done(apply)], at)
    actions = pool.step([failed(TWO), failed(TWO)], 7.0)
    assert [a.mode for a in actions if isinstance(a, ModeChanged)] == [mode]
    ((_, apply),) = advance(pool, [], 7.0, 12.0)
    assert serving(apply) == expected
    assert pool.snapshot(8.0).mode is mode


def test_the_first_server_that_recovers_after_all_were_dead_does_not_wait() -> None:
    pool = live(sorry="127.0.0.1:8099", rise=1)
    ((at, apply),) = advance(pool, [failed(ONE), failed(ONE), failed(TWO), failed(TWO)], 5.0, 6.0)
    pool.step([done(apply)], at)
    ((at, apply),) = advance(pool, [passed(TWO)], 20.0, 21.0)
    assert at - 20.0 == pytest.approx(GATHER_URGENT)
    assert serving(apply) == {TWO}


def test_without_any_address_the_upstream_still_loads_and_says_nobody() -> None:
    pool = Pool(params("app.example:80"), 0.0)
    lost = Resolved("app.example", (), "app.example does not resolve: no such name")
    ((_, apply),) = advance(pool, [EMPTY_HOST, lost], 0.0, 1.0)
    assert "    server 127.0.0.1:1 down;" in apply.text
    snapshot = pool.snapshot(1.0)
    assert snapshot.mode is Mode.EMPTY
    assert [(s.name, s.up, s.detail) for s in snapshot.servers] == [("app.example:80", None, lost.detail)]


def test_a_verdict_is_told_once_with_its_layer() -> None:
    pool = live()
    pool.step([failed(TWO, "icmp: no answer within 500 ms: no echo reply")], 1.0)
    actions = pool.step([failed(TWO, "icmp: no answer within 500 ms: no echo reply")], 2.0)
    told = [(a.server, a.up, a.detail) for a in actions if isinstance(a, ServerChanged)]
    assert told == [(TWO, False, "icmp: no answer within 500 ms: no echo reply")]
    assert not [a for a in pool.step([failed(TWO)], 3.0) if isinstance(a, ServerChanged)]


def unknown(address: str) -> Probed:
    """A probe whose failure is that of this host."""
    return Probed(address, CheckResult(Outcome.UNKNOWN, "this host is cut off: eth0 has no carrier"))


def test_what_a_host_finds_that_is_cut_off_changes_nothing_and_is_told_once() -> None:
    pool = live()
    pool.step([failed(TWO)], 5.0)
    told = pool.step([Isolated("eth0 has no carrier"), unknown(ONE)], 6.0)
    assert [a for a in told if isinstance(a, JudgingChanged)] == [
        JudgingChanged("app", "eth0 has no carrier")
    ]
    for second in range(7, 60):
        actions = pool.step([Isolated("eth0 has no carrier"), unknown(ONE), unknown(TWO)], float(second))
        assert all(isinstance(action, ServerProbed) for action in actions)
    shown = pool.snapshot(60.0)
    assert (shown.cut_off, shown.mode, shown.generation) == ("eth0 has no carrier", Mode.NORMAL, 1)
    assert [(server.up, server.in_service) for server in shown.servers] == [(True, True)] * 2
    assert JudgingChanged("app", "") in pool.step([Isolated(""), passed(ONE)], 60.0)
    # The failure before it and the one after it are two in a row.
    ((_, apply),) = advance(pool, [failed(TWO)], 60.1, 61.0)
    assert serving(apply) == {ONE}


def test_a_host_that_is_cut_off_from_the_start_decides_nothing() -> None:
    pool = Pool(params(), 0.0)
    assert not advance(pool, [EMPTY_HOST, unknown(ONE), unknown(TWO)], 1.0, 60.0)
    assert pool.snapshot(60.0).state == "pending"
    ((_, apply),) = advance(pool, [passed(ONE), passed(TWO)], 61.0, 62.0)
    assert serving(apply) == {ONE, TWO}
