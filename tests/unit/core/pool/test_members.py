"""The addresses of a pool: names, verdicts, slow start.

Modules: core.pool.params.
"""

from dataclasses import replace

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.pool.events import (
    Apply,
    NameChanged,
    PoolAction,
    PoolEvent,
    Probed,
    Resolved,
)
from sidecar.core.pool.params import ServerParams
from sidecar.core.pool.pool import Pool
from sidecar.core.pool.rollout import GATHER_URGENT
from sidecar.core.stall import THAW, Stalled
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


def test_addresses_that_a_name_has_now_are_a_reason_to_reload() -> None:
    pool = Pool(params("app.example:80"), 0.0)
    start: list[PoolEvent] = [EMPTY_HOST, Resolved("app.example", ("10.0.0.9",)), passed("10.0.0.9:80")]
    ((at, apply),) = advance(pool, start, 0.0, 1.0)
    pool.step([done(apply)], at)
    pool.step([Resolved("app.example", ("10.0.0.9", "10.0.0.10"))], 5.0)
    ((_, apply),) = advance(pool, [passed("10.0.0.10:80")], 5.1, 30.0)
    assert apply.reason == "app.example is 10.0.0.9, 10.0.0.10; 10.0.0.10:80 passes: http: 200"


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
    pool.step([Resolved("app.example", ("10.0.0.11",))], 40.0)  # the minute goes on
    pool.step([passed("10.0.0.10:80"), passed("10.0.0.11:80")], 62.9)
    assert pool.addresses == {"10.0.0.10:80", "10.0.0.11:80"}
    pool.step([], 63.0)
    assert pool.addresses == {"10.0.0.11:80"}


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


def test_the_result_of_a_stranger_is_ignored() -> None:
    pool = live()
    pool.step([Probed("10.9.9.9:1", CheckResult(Outcome.FAIL, "x"))], 1.0)
    assert len(pool.snapshot(1.0).servers) == 2


def two_names(now: float, *answers: tuple[str, tuple[str, ...]]) -> tuple[Pool, list[str]]:
    """A pool of two names of weight 3 and 1 that were answered in this order, and its lines."""
    servers = (ServerParams("a.example", 80, 3), ServerParams("b.example", 80))
    pool = Pool(replace(params(), servers=servers), now)
    events: list[PoolEvent] = [EMPTY_HOST, *(Resolved(*answer) for answer in answers)]
    pool.step(events, now)
    ((at, apply),) = advance(pool, [passed(address) for address in pool.addresses], now, now + 1)
    pool.step([done(apply)], at)
    return pool, lines(apply)


def lines(apply: Apply) -> list[str]:
    return [line.strip() for line in apply.text.splitlines() if line.startswith("    server ")]


def test_an_address_of_two_names_is_that_of_the_first_one_whichever_is_answered_first() -> None:
    answers = [("a.example", ("10.0.0.1",)), ("b.example", ("10.0.0.1", "10.0.0.2"))]
    for order in (answers, answers[::-1]):
        _, written = two_names(0.0, *order)
        assert written == ["server 10.0.0.1:80 weight=3;", "server 10.0.0.2:80;"]


def test_a_name_that_gives_an_address_away_tells_it_once_and_the_other_one_keeps_it() -> None:
    pool, _ = two_names(0.0, ("a.example", ("10.0.0.1",)), ("b.example", ("10.0.0.1",)))
    told: list[PoolAction] = []
    written: list[Apply] = []
    for now in range(2, 300, 2):
        events: list[PoolEvent] = [
            Resolved("a.example", ("10.0.0.2",)),
            Resolved("b.example", ("10.0.0.1",)),
            passed("10.0.0.1:80"),
            passed("10.0.0.2:80"),
        ]
        actions = pool.step(events, float(now))
        told += [action for action in actions if isinstance(action, NameChanged)]
        written += applies(actions)
        pool.step([done(apply) for apply in applies(actions)], now + 0.1)
    assert len(told) == 1
    assert [lines(apply) for apply in written] == [["server 10.0.0.2:80 weight=3;", "server 10.0.0.1:80;"]]


def test_answers_that_rotate_move_no_address_between_two_names() -> None:
    pool, _ = two_names(0.0, ("a.example", ("10.0.0.1", "10.0.0.2")), ("b.example", ("10.0.0.1",)))
    moved = 0
    for now in range(2, 100, 2):
        one = ("10.0.0.1",) if now % 4 else ("10.0.0.2",)
        events: list[PoolEvent] = [Resolved("a.example", one), *map(passed, sorted(pool.addresses))]
        actions = pool.step(events, float(now))
        moved += len(applies(actions))
        pool.step([done(apply) for apply in applies(actions)], now + 0.1)
    assert moved <= 1


def test_a_name_whose_answers_rotate_is_told_until_each_address_has_come_back() -> None:
    addresses = [f"10.0.0.{number}" for number in range(1, 6)]
    pool = Pool(params("app.example:80"), 0.0)
    pool.step([EMPTY_HOST], 0.0)
    told = []
    for round_ in range(200):
        some = tuple(addresses[(round_ + place) % 5] for place in range(3))
        events: list[PoolEvent] = [Resolved("app.example", some), *map(passed, sorted(pool.addresses))]
        actions = pool.step(events, 2.0 * round_)
        told += [round_ for action in actions if isinstance(action, NameChanged)]
        pool.step([done(apply) for apply in applies(actions)], 2.0 * round_ + 0.1)
    assert max(told) <= 5
