"""Decisions about a pool, as transcripts: who gets requests, when nginx is told, and what failure costs."""

from itertools import pairwise

import pytest

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.pool.events import (
    Audited,
    Drifted,
    Isolated,
    JudgingChanged,
    ModeChanged,
    NameChanged,
    PoolEvent,
    Probed,
    Reloaded,
    ReloadResult,
    Resolved,
    Served,
    ServerChanged,
    ServerProbed,
)
from sidecar.core.pool.pool import Pool
from sidecar.core.pool.reload_budget import BURST
from sidecar.core.pool.rollout import FIRST_PAUSE, GATHER_PATIENT, GATHER_URGENT, LONGEST_PAUSE
from sidecar.core.pool.upstream import Mode
from sidecar.core.pool.upstream_file import Found, read
from sidecar.core.stall import THAW, Stalled
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
    assert report.seconds == pytest.approx(GATHER_URGENT + 0.1)
    assert not advance(pool, [passed(TWO)], 20.0, 21.0)
    ((at, apply),) = advance(pool, [passed(TWO)], 21.0, 22.0)
    assert at - 21.0 == pytest.approx(GATHER_PATIENT)
    assert serving(apply) == {ONE, TWO}


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


def test_slow_start_raises_the_weight_in_steps_and_each_is_a_generation() -> None:
    pool = live(slow_start=9.0, rise=1)
    ((at, apply),) = advance(pool, [failed(TWO), failed(TWO)], 10.0, 11.0)
    pool.step([done(apply)], at)
    steps = []
    events: list[PoolEvent] = [passed(TWO)]
    now = 100.0
    while found := advance(pool, events, now, 200.0):
        ((now, apply),) = found
        lines = {line.split()[1].rstrip(";"): line for line in apply.text.splitlines() if "server 10" in line}
        steps.append((round(now - 100), lines[ONE].strip(), lines[TWO].strip()))
        events = [done(apply), passed(ONE), passed(TWO)]
    assert steps == [
        (0, f"server {ONE} weight=4;", f"server {TWO};"),
        (4, f"server {ONE} weight=4;", f"server {TWO} weight=2;"),
        (6, f"server {ONE} weight=4;", f"server {TWO} weight=3;"),
        (10, f"server {ONE};", f"server {TWO};"),
    ]


def test_the_only_server_gets_its_share_at_once_and_a_server_that_was_never_out_too() -> None:
    pool = Pool(params(slow_start=10.0), 0.0)
    ((at, apply),) = advance(pool, [EMPTY_HOST, passed(ONE), failed(TWO)], 0.0, 1.0)
    assert "weight" not in apply.text
    pool.step([done(apply)], at)
    ((at, apply),) = advance(pool, [failed(ONE), failed(ONE)], 2.0, 3.0)
    pool.step([done(apply)], at)
    ((_, apply),) = advance(pool, [passed(ONE), passed(ONE)], 4.0, 10.0)
    assert "weight" not in apply.text


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


def test_a_name_stands_for_all_its_addresses_each_with_a_verdict_of_its_own() -> None:
    pool = Pool(params("app.example:80"), 0.0)
    assert not applies(pool.step([EMPTY_HOST], 0.0))
    pool.step([Resolved("app.example", ("10.0.0.9", "fd00::9", "10.0.0.10"))], 0.1)
    assert pool.addresses == {"10.0.0.9:80", "10.0.0.10:80", "[fd00::9]:80"}
    events: list[PoolEvent] = [passed("10.0.0.9:80"), failed("10.0.0.10:80"), passed("[fd00::9]:80")]
    ((_, apply),) = advance(pool, events, 0.2, 1.0)
    servers = [line.strip() for line in apply.text.splitlines() if line.startswith("    server ")]
    assert servers == [
        "server 10.0.0.9:80;",
        "server 10.0.0.10:80 down; # tcp: connection refused",
        "server [fd00::9]:80;",
    ]


def test_a_new_address_that_has_no_verdict_yet_holds_up_no_removal() -> None:
    pool = Pool(params("app.example:80"), 0.0)
    first = Resolved("app.example", ("10.0.0.9", "10.0.0.10"))
    start: list[PoolEvent] = [EMPTY_HOST, first, passed("10.0.0.9:80"), passed("10.0.0.10:80")]
    ((at, apply),) = advance(pool, start, 0.0, 1.0)
    pool.step([done(apply)], at)
    pool.step([Resolved("app.example", ("10.0.0.9", "10.0.0.10", "10.0.0.11"))], 2.0)
    ((_, apply),) = advance(pool, [failed("10.0.0.9:80"), failed("10.0.0.9:80")], 2.1, 2.2)
    assert serving(apply) == {"10.0.0.10:80"}
    pool.step([done(apply)], 2.3)
    assert pool.deadline(2.3) > 2.3


def test_a_lookup_that_fails_keeps_the_addresses_and_is_told_once() -> None:
    pool = Pool(params("app.example:80"), 0.0)
    pool.step([EMPTY_HOST, Resolved("app.example", ("10.0.0.9",)), passed("10.0.0.9:80")], 0.0)
    lost = Resolved("app.example", (), "app.example does not resolve: timed out")
    first, second = pool.step([lost], 3.0), pool.step([lost], 5.0)
    assert [a.detail for a in first if isinstance(a, NameChanged)] == [lost.detail]
    assert not [a for a in second if isinstance(a, NameChanged)]
    assert pool.addresses == {"10.0.0.9:80"}


def test_an_address_that_its_name_no_longer_has_goes_when_it_fails_or_after_a_minute() -> None:
    pool = Pool(params("app.example:80"), 0.0)
    both = Resolved("app.example", ("10.0.0.9", "10.0.0.10"))
    pool.step([EMPTY_HOST, both, passed("10.0.0.9:80"), passed("10.0.0.10:80")], 0.0)
    pool.step([Resolved("app.example", ("10.0.0.10",))], 1.0)
    assert "10.0.0.9:80" in pool.addresses
    pool.step([failed("10.0.0.9:80"), failed("10.0.0.9:80")], 2.0)
    assert pool.addresses == {"10.0.0.10:80"}
    pool.step([Resolved("app.example", ("10.0.0.11",)), passed("10.0.0.11:80")], 3.0)
    pool.step([passed("10.0.0.10:80"), passed("10.0.0.11:80")], 62.9)
    assert pool.addresses == {"10.0.0.10:80", "10.0.0.11:80"}
    pool.step([], 63.0)
    assert pool.addresses == {"10.0.0.11:80"}


def test_without_any_address_the_upstream_still_loads_and_says_nobody() -> None:
    pool = Pool(params("app.example:80"), 0.0)
    lost = Resolved("app.example", (), "app.example does not resolve: no such name")
    ((_, apply),) = advance(pool, [EMPTY_HOST, lost], 0.0, 1.0)
    assert "    server 127.0.0.1:1 down;" in apply.text
    snapshot = pool.snapshot(1.0)
    assert snapshot.mode is Mode.EMPTY
    assert [(s.name, s.up, s.detail) for s in snapshot.servers] == [("app.example:80", None, lost.detail)]


def test_results_that_stop_coming_are_failures() -> None:
    pool = live(max_age=2.0)
    ((at, apply),) = advance(pool, [passed(ONE)], 1.5, 5.0)
    assert 2.0 <= at <= 2.0 + GATHER_URGENT + 1e-9
    assert serving(apply) == {ONE}


def test_our_own_stall_is_no_failure_of_the_servers() -> None:
    pool = live(max_age=2.0)
    assert pool.step([Stalled(8.0)], 9.0) == []
    assert [server.up for server in pool.snapshot(9.0).servers] == [True, True]
    ((at, apply),) = advance(pool, [passed(ONE)], 9.5, 13.0)
    assert 10.0 + THAW <= at <= 10.0 + THAW + GATHER_URGENT + 1e-9
    assert serving(apply) == {ONE}


def test_a_verdict_is_told_once_with_its_layer() -> None:
    pool = live()
    pool.step([failed(TWO, "icmp: no answer within 500 ms: no echo reply")], 1.0)
    actions = pool.step([failed(TWO, "icmp: no answer within 500 ms: no echo reply")], 2.0)
    told = [(a.server, a.up, a.detail) for a in actions if isinstance(a, ServerChanged)]
    assert told == [(TWO, False, "icmp: no answer within 500 ms: no echo reply")]
    assert not [a for a in pool.step([failed(TWO)], 3.0) if isinstance(a, ServerChanged)]


def test_the_result_of_a_stranger_is_ignored() -> None:
    pool = live()
    pool.step([Probed("10.9.9.9:1", CheckResult(Outcome.FAIL, "x"))], 1.0)
    assert len(pool.snapshot(1.0).servers) == 2


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
