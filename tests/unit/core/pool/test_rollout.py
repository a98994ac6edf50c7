"""When nginx is told, what becomes of what it refuses, and drift.

Modules: core.pool.reload_budget.
"""

from itertools import pairwise

import pytest

from sidecar.core.pool.events import (
    Audited,
    Drifted,
    ReloadResult,
    Served,
)
from sidecar.core.pool.pool import Pool
from sidecar.core.pool.reload_budget import BURST, ReloadBudget
from sidecar.core.pool.rollout import FIRST_PAUSE, GATHER_URGENT, LONGEST_PAUSE
from sidecar.core.pool.upstream_file import Found, read
from tests.unit.core.pool.pool_stage import (
    EMPTY_HOST,
    ONE,
    THREE,
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


def test_servers_that_fail_together_are_one_reload() -> None:
    pool = live(ONE, TWO, THREE)
    pool.step([failed(ONE), failed(TWO)], 5.0)
    assert not applies(pool.step([failed(ONE)], 5.03))
    ((at, apply),) = advance(pool, [failed(TWO)], 5.04, 6.0)
    assert at == pytest.approx(5.03 + GATHER_URGENT)
    assert serving(apply) == {THREE}
    assert apply.reason == f"{ONE} failed: tcp: connection refused; {TWO} failed: tcp: connection refused"


def test_a_server_that_recovers_before_nginx_was_told_is_no_reload() -> None:
    pool = live(rise=1)
    pool.step([failed(TWO), failed(TWO)], 5.0)
    assert not advance(pool, [passed(TWO)], 5.01, 9.0)
    assert pool.snapshot(5.1).state == "live"


def test_what_happens_during_a_change_follows_after_it() -> None:
    pool = live(ONE, TWO, THREE)
    ((at, first),) = advance(pool, [failed(ONE), failed(ONE)], 5.0, 6.0)
    assert not applies(pool.step([failed(TWO), failed(TWO)], at + 0.05))
    ((_, second),) = advance(pool, [done(first)], at + 0.1, at + 0.2)
    assert serving(second) == {THREE}
    assert second.generation == first.generation + 1


def test_reloads_are_limited_and_the_last_one_is_kept_for_a_removal() -> None:
    pool = live(rise=1, fall=1, reload_every=10.0)
    reloads = []
    for second in range(1, 300):
        event = failed(TWO) if second % 2 else passed(TWO)
        for at, apply in advance(pool, [event], float(second), second + 0.9):
            reloads.append(at)
            pool.step([done(apply)], at)
    # The first generation took one of the four.
    assert BURST - 1 + 300 / 10 - 3 <= len(reloads) <= BURST - 1 + 300 / 10
    assert max(b - a for a, b in pairwise(reloads)) < 21


def test_a_removal_is_immediate_while_an_addition_waits_for_the_budget() -> None:
    pool = live(ONE, TWO, THREE, rise=1, fall=1, reload_every=60.0)
    for at, event in ((1.0, failed(TWO)), (2.0, passed(TWO))):
        ((now, apply),) = advance(pool, [event], at, at + 0.9)
        pool.step([done(apply)], now)
    ((now, apply),) = advance(pool, [failed(THREE)], 3.0, 3.1)
    pool.step([done(apply)], now)
    assert not advance(pool, [passed(THREE)], 4.0, 60.0)
    ((now, apply),) = advance(pool, [failed(ONE)], 61.0, 61.1)
    assert serving(apply) == {TWO, THREE}


@pytest.mark.parametrize("result", [ReloadResult.REFUSED, ReloadResult.UNPROVEN, ReloadResult.ERROR])
def test_a_failed_change_is_tried_again_ever_later_and_what_is_served_stays(result: ReloadResult) -> None:
    pool = live()
    ((at, apply),) = advance(pool, [failed(TWO), failed(TWO)], 100.0, 101.0)
    pauses = []
    for _ in range(7):
        pool.step([done(apply, result, "because")], at)
        snapshot = pool.snapshot(at)
        assert (snapshot.state, snapshot.generation) == ("failed", 1)
        assert snapshot.detail == f"{result}: because"
        assert all(server.in_service for server in snapshot.servers)
        ((again, apply),) = advance(pool, [], at, at + 60)
        pauses.append(again - at)
        at = again
    expected = [FIRST_PAUSE * 2**n for n in range(7)]
    if result is not ReloadResult.UNPROVEN:
        assert pauses == pytest.approx([min(LONGEST_PAUSE, pause) for pause in expected])
    # Here nginx was told, so the budget counts as well.
    assert all(pause <= LONGEST_PAUSE + 1e-6 for pause in pauses)
    assert apply.reason == f"{TWO} failed: tcp: connection refused"
    pool.step([done(apply)], at)
    assert pool.snapshot(at).state == "live"


def test_a_restart_finds_what_nginx_serves_and_reloads_nothing() -> None:
    before = live()
    ((_, apply),) = advance(before, [failed(TWO), failed(TWO)], 5.0, 6.0)
    found = read(apply.text, params())
    after = Pool(params(), 0.0)
    assert not advance(after, [Audited(found, Served.YES), passed(ONE), failed(TWO)], 0.0, 60.0)
    snapshot = after.snapshot(1.0)
    assert (snapshot.state, snapshot.generation) == ("live", 2)
    assert [server.in_service for server in snapshot.servers] == [True, False]
    # What has changed meanwhile is changed, under the next number.
    ((_, apply),) = advance(after, [failed(ONE), passed(TWO), failed(ONE), passed(TWO)], 10.0, 11.0)
    assert (apply.generation, serving(apply)) == (3, {TWO})


def test_a_file_that_nginx_does_not_serve_is_put_into_service_with_a_new_number() -> None:
    ((_, apply),) = advance(Pool(params(), 0.0), [EMPTY_HOST, passed(ONE), passed(TWO)], 0.0, 1.0)
    found = read(apply.text, params())
    pool = Pool(params(), 0.0)
    ((_, apply),) = advance(pool, [Audited(found, Served.OTHER), passed(ONE), passed(TWO)], 0.0, 1.0)
    assert apply.generation == 2


def test_an_nginx_that_starts_by_itself_with_the_wanted_file_needs_no_reload() -> None:
    pool = Pool(params(), 0.0)
    ((at, apply),) = advance(pool, [EMPTY_HOST, passed(ONE), passed(TWO)], 0.0, 1.0)
    pool.step([done(apply, ReloadResult.ABSENT, "no nginx")], at)
    found = read(apply.text, params())
    assert not applies(pool.step([Audited(found, Served.YES)], 0.1))
    assert pool.snapshot(0.1).state == "live"
    # The pause after the failure is over with it.
    ((at, _),) = advance(pool, [failed(TWO), failed(TWO)], 0.2, 1.0)
    assert at == pytest.approx(0.2 + GATHER_URGENT)


def test_an_nginx_that_comes_back_with_an_old_file_is_told_at_once() -> None:
    pool = live()
    now, apply = advance(pool, [failed(TWO), failed(TWO)], 50.0, 51.0)[0]
    for _ in range(6):
        pool.step([done(apply, ReloadResult.ABSENT, "no nginx")], now)
        ((now, apply),) = advance(pool, [], now, now + 60)
    pool.step([done(apply, ReloadResult.ABSENT, "no nginx")], now)
    old = Found(1, "0" * 12, frozenset({ONE, TWO}))
    ((at, _),) = advance(pool, [Audited(old, Served.YES)], now + 1, now + 2)
    assert at == now + 1


@pytest.mark.parametrize(
    ("audits", "detail"),
    [
        ([Audited(None, Served.YES)], "the file is not the one that we wrote"),
        (
            [Audited(Found(9, "0" * 12, frozenset()), Served.YES)],
            "the file is not the one that we wrote",
        ),
        ([Audited(Found(1, "0" * 12, frozenset()), Served.OTHER)] * 2, "nginx does not serve generation 1"),
    ],
)
def test_drift_is_reported_and_mended(audits: list[Audited], detail: str) -> None:
    pool = live()
    actions = [action for second, audit in enumerate(audits) for action in pool.step([audit], 10.0 + second)]
    assert [a.detail for a in actions if isinstance(a, Drifted)] == [detail]
    ((_, apply),) = advance(pool, [], 12.0, 13.0)
    assert serving(apply) == {ONE, TWO}
    assert apply.generation > 1


def test_an_addition_leaves_the_last_reload_to_a_removal() -> None:
    pool = live(ONE, TWO, THREE, rise=1, fall=1, reload_every=60.0)
    for at, event in ((1.0, failed(TWO)), (2.0, failed(THREE))):
        ((now, apply),) = advance(pool, [event], at, at + 0.9)
        pool.step([done(apply)], now)
    assert not advance(pool, [passed(TWO)], 3.0, 30.0)
    ((now, _),) = advance(pool, [failed(ONE)], 31.0, 32.0)
    assert now == pytest.approx(31.0 + GATHER_URGENT)


def test_nginx_serves_its_generation_on_when_the_file_is_gone() -> None:
    pool = live()
    pool.step([EMPTY_HOST, Audited(None, Served.OTHER)], 10.0)
    assert pool.snapshot(10.0).state == "pending"
    assert pool.snapshot(10.0).generation == 1


def test_a_reload_that_is_given_back_is_one() -> None:
    budget = ReloadBudget(10.0)
    budget.take(0.0)
    budget.take(0.0)
    budget.give_back()
    assert budget.available_at(0.0, 3) == 0.0
    assert budget.available_at(0.0, 4) == 10.0


def test_an_old_worker_that_answers_once_after_a_reload_is_no_drift() -> None:
    pool = live()
    here = Found(1, "0" * 12, frozenset())
    for second, served in enumerate((Served.OTHER, Served.YES, Served.OTHER, Served.SILENT, Served.OTHER)):
        assert not advance(pool, [Audited(here, served)], 10.0 + second, 10.9 + second)
    assert pool.snapshot(15.0).state == "live"


def test_a_silent_nginx_is_no_drift() -> None:
    pool = live()
    assert not advance(pool, [Audited(Found(1, "0" * 12, frozenset()), Served.SILENT)], 10.0, 60.0)
    assert pool.snapshot(10.0).state == "live"
