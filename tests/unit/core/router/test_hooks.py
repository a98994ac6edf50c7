"""When the hooks of a router are run, and for how long it waits for them.

Modules: core.hook, core.router.contending, core.router.hook_wait.
"""

from dataclasses import replace

from sidecar.core.actions import Action, CancelHook, RunHook, TakeoverTimed, Warned
from sidecar.core.events import Event, HookEnded, Started, StopRequested, VipsDropped, VipsHeld
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.health.params import CheckParams
from sidecar.core.hook import Hook, HookParams, HookResult
from sidecar.core.node import Node
from sidecar.core.params import NodeParams
from sidecar.core.state import State
from tests.unit.core.stage import (
    DOWN,
    DROPPED,
    LINK,
    PEER,
    backup,
    commands,
    feed,
    heard,
    kinds,
    moves,
    router,
    state,
    verdict,
)

ALL = HookParams(tuple(Hook), timeout=0.5)
TAKES_OVER = 3 + 156 / 256


def asked(actions: list[Action]) -> list[tuple[str, str, int]]:
    return [(a.hook.value, a.state.value, a.priority) for a in actions if isinstance(a, RunHook)]


def ended(hook: Hook, at: float, result: HookResult = HookResult.OK) -> Event:
    return HookEnded("web", hook, at, result, "said")


def serving(hooks: HookParams = ALL) -> Node:
    """A node that is MASTER since its first chance, and whose hooks have ended."""
    node = backup(hooks=hooks)
    node.step([], TAKES_OVER)
    node.step([ended(Hook.PRE_ACQUIRE, TAKES_OVER)], TAKES_OVER)
    node.step([VipsHeld("web", TAKES_OVER)], TAKES_OVER)
    assert state(node) is State.MASTER
    return node


def test_a_takeover_waits_for_its_hook_and_tells_when_it_is_over() -> None:
    node = backup(hooks=ALL)
    first = node.step([], TAKES_OVER)
    assert asked(first) == [("pre_acquire", "MASTER", 100)]
    assert kinds(first) == ["RunHook"]
    assert node.snapshot(TAKES_OVER).routers[0].hook is Hook.PRE_ACQUIRE
    over = node.step([ended(Hook.PRE_ACQUIRE, TAKES_OVER)], TAKES_OVER + 0.25)
    assert kinds(over) == ["HoldVips"]
    assert TakeoverTimed("web", "hook", 0.25) in over
    done = node.step([VipsHeld("web", TAKES_OVER + 0.25)], TAKES_OVER + 0.25)
    assert kinds(done) == ["Announce", "SendAdvert(100)", "RunHook"]
    assert asked(done) == [("post_acquire", "MASTER", 100)]


def test_a_takeover_waits_no_longer_than_the_timeout() -> None:
    node = backup(hooks=ALL)
    node.step([], TAKES_OVER)
    assert node.deadline == TAKES_OVER + 0.5
    assert kinds(node.step([], TAKES_OVER + 0.49)) == []
    assert kinds(node.step([], TAKES_OVER + 0.5)) == ["HoldVips"]
    # What comes late means nothing any more.
    assert kinds(node.step([ended(Hook.PRE_ACQUIRE, TAKES_OVER)], TAKES_OVER + 0.6)) == []


def test_the_end_of_another_hook_is_not_taken_for_that_of_the_one_that_is_waited_for() -> None:
    node = backup(hooks=ALL)
    node.step([], TAKES_OVER)
    assert kinds(node.step([ended(Hook.ON_CHECK, TAKES_OVER)], TAKES_OVER + 0.1)) == []
    assert kinds(node.step([ended(Hook.PRE_ACQUIRE, TAKES_OVER - 1)], TAKES_OVER + 0.1)) == []


def test_a_hook_that_fails_refuses_a_takeover_only_where_it_was_told_to() -> None:
    for result in (HookResult.FAILED, HookResult.TIMEOUT, HookResult.SKIPPED, HookResult.LOST):
        node = backup(hooks=ALL)
        node.step([], TAKES_OVER)
        assert kinds(node.step([ended(Hook.PRE_ACQUIRE, TAKES_OVER, result)], TAKES_OVER)) == ["HoldVips"]
        node = backup(hooks=HookParams(tuple(Hook), 0.5, refuse=True))
        node.step([], TAKES_OVER)
        refused = node.step([ended(Hook.PRE_ACQUIRE, TAKES_OVER, result)], TAKES_OVER)
        assert "HoldVips" not in kinds(refused)
        (warned,) = [each for each in refused if isinstance(each, Warned)]
        assert (warned.component, warned.reason) == ("hooks", "refused")
        assert asked(node.step([DROPPED], TAKES_OVER)) == [("post_release", "BACKUP", 100)]
        again = node.deadline
        assert again >= TAKES_OVER + 1
        assert asked(node.step([], again)) == [("pre_acquire", "MASTER", 100)]


def test_a_hook_that_never_ends_refuses_too() -> None:
    node = backup(hooks=HookParams((Hook.PRE_ACQUIRE,), 0.5, refuse=True))
    node.step([], TAKES_OVER)
    late = node.step([], TAKES_OVER + 0.5)
    assert kinds(late) == ["DropVips"]
    assert "has not ended within 0.5 s" in str([each for each in late if isinstance(each, Warned)])


def test_a_takeover_is_given_up_for_a_better_master_and_that_is_told() -> None:
    node = backup(hooks=ALL)
    node.step([], TAKES_OVER)
    given_up = node.step([heard(200)], TAKES_OVER + 0.1)
    assert kinds(given_up) == ["DropVips", "CancelHook"]
    assert CancelHook("web", TAKES_OVER) in given_up
    assert asked(node.step([DROPPED], TAKES_OVER + 0.1)) == [("post_release", "BACKUP", 100)]


def test_a_master_that_appeared_meanwhile_is_told_before_it_is_replaced() -> None:
    """A lesser host was quicker: it is replaced only by a host that can tell it so."""
    node = backup(hooks=ALL)
    node.step([], TAKES_OVER)
    node.step([heard(50)], TAKES_OVER + 0.2)
    assert kinds(node.step([ended(Hook.PRE_ACQUIRE, TAKES_OVER)], TAKES_OVER + 0.3)) == ["TrySending"]
    assert TAKES_OVER + 0.3 < node.deadline < TAKES_OVER + 2


def test_without_hooks_nothing_is_run_and_nothing_is_waited_for() -> None:
    node = backup(hooks=HookParams((Hook.POST_FAULT,)))
    assert kinds(node.step([], TAKES_OVER)) == ["HoldVips"]
    assert asked(node.step([VipsHeld("web", TAKES_OVER)], TAKES_OVER)) == []


def test_a_stop_waits_for_pre_release_and_serves_meanwhile() -> None:
    node = serving()
    now = TAKES_OVER + 0.9
    first = node.step([StopRequested("asked")], now)
    assert asked(first) == [("pre_release", "INIT", 100)]
    assert state(node) is State.MASTER
    assert "SendAdvert(100)" in kinds(node.step([], now + 0.2))
    node.step([VipsHeld("web", now + 0.2)], now + 0.2)
    left = node.step([ended(Hook.PRE_RELEASE, now)], now + 0.4)
    assert moves(left) == [("MASTER", "INIT", "shutdown")]
    gone = node.step([DROPPED], now + 0.4)
    assert kinds(gone) == ["SendAdvert(0)", "RunHook"]
    assert asked(gone) == [("post_release", "INIT", 100)]
    assert node.stopped


def test_a_stop_waits_half_a_second_at_most() -> None:
    node = serving(HookParams(tuple(Hook), timeout=9.0))
    now = TAKES_OVER + 0.5
    node.step([StopRequested("asked")], now)
    assert moves(node.step([], now + 0.51)) == [("MASTER", "INIT", "shutdown")]


def test_a_drain_waits_and_advertises_the_priority_that_it_had() -> None:
    node = serving()
    now = TAKES_OVER + 0.9
    assert asked(node.step([DrainAsked(1e9, "drained")], now)) == [("pre_release", "BACKUP", 100)]
    assert "SendAdvert(100)" in kinds(node.step([], now + 0.2))
    node.step([VipsHeld("web", now + 0.2)], now + 0.2)
    left = node.step([ended(Hook.PRE_RELEASE, now, HookResult.FAILED)], now + 0.3)
    assert moves(left) == [("MASTER", "BACKUP", "drain")]
    assert asked(node.step([DROPPED], now + 0.3)) == [("post_release", "BACKUP", 1)]


def test_a_drain_that_is_taken_back_meanwhile_moves_nothing_and_is_told() -> None:
    node = serving()
    now = TAKES_OVER + 0.5
    node.step([DrainAsked(1e9, "drained")], now)
    back = node.step([UndrainAsked()], now + 0.1)
    assert commands(back)[0] == CancelHook("web", now)
    assert asked(back) == [("post_acquire", "MASTER", 100)]
    assert state(node) is State.MASTER
    assert moves(feed(node, (now + 1, []))) == []


def test_a_better_master_ends_the_wait_at_once() -> None:
    node = serving()
    now = TAKES_OVER + 0.5
    node.step([StopRequested("asked")], now)
    left = node.step([heard(200)], now + 0.1)
    assert CancelHook("web", now) in left
    assert moves(left) == [("MASTER", "BACKUP", "higher_priority"), ("BACKUP", "INIT", "shutdown")]


def test_no_hook_is_waited_for_when_a_check_fails() -> None:
    checks = (CheckParams("nginx", "process"),)
    params = router(hooks=ALL, checks=("nginx",))
    node = Node(NodeParams("a", (params,), checks), 0.0)
    feed(node, (0.0, [LINK, verdict("nginx", up=True)]))
    feed(node, (0.0, [Started()]), (0.0, [DROPPED]), (TAKES_OVER, []))
    feed(
        node, (TAKES_OVER, [ended(Hook.PRE_ACQUIRE, TAKES_OVER)]), (TAKES_OVER, [VipsHeld("web", TAKES_OVER)])
    )
    failed = node.step([verdict("nginx", up=False, at=TAKES_OVER + 0.5)], TAKES_OVER + 0.5)
    assert moves(failed) == [("MASTER", "BACKUP", "health")]
    assert asked(failed) == [("on_check", "MASTER", 100)]
    (run,) = [each for each in failed if isinstance(each, RunHook)]
    assert (run.check, run.up) == ("nginx", False)
    assert asked(node.step([DROPPED], TAKES_OVER + 0.5)) == [("post_release", "BACKUP", 1)]


def test_a_fault_and_its_end_are_told() -> None:
    node = serving()
    now = TAKES_OVER + 0.5
    assert asked(node.step([DOWN], now)) == []
    assert asked(node.step([DROPPED], now)) == [("post_fault", "FAULT", 100)]
    assert asked(node.step([LINK], now + 1)) == [("post_release", "BACKUP", 100)]


def test_hooks_after_a_move_are_told_when_the_kernel_has_removed_the_vips() -> None:
    node = serving()
    now = TAKES_OVER + 0.5
    assert asked(node.step([heard(200)], now)) == []
    assert asked(node.step([VipsDropped("web", "busy")], now)) == []
    assert asked(node.step([], now + 0.1)) == []
    assert asked(node.step([DROPPED], now + 0.1)) == [("post_release", "BACKUP", 100)]


def test_one_router_of_a_sync_group_waits_for_the_hook_of_another() -> None:
    hooked, plain = router(hooks=ALL), router()
    plain = replace(plain, name="api", vrid=52)
    node = Node(NodeParams("a", (plain, hooked), sync_groups=(("api", "web"),)), 0.0)
    dropped: list[Event] = [VipsDropped("web"), VipsDropped("api")]
    feed(node, (0.0, [LINK, Started()]), (0.0, dropped), (TAKES_OVER, []))
    node.step([ended(Hook.PRE_ACQUIRE, TAKES_OVER)], TAKES_OVER)
    node.step([VipsHeld("web", TAKES_OVER), VipsHeld("api", TAKES_OVER)], TAKES_OVER)
    now = TAKES_OVER + 0.5
    assert moves(node.step([DrainAsked(1e9, "drained")], now)) == []
    left = node.step([ended(Hook.PRE_RELEASE, now)], now + 0.1)
    assert moves(left) == [("MASTER", "BACKUP", "drain"), ("MASTER", "BACKUP", "drain")]


def test_who_is_heard_before_a_stop_gets_no_hook() -> None:
    """In one step packets are heard first: a master that has a better one beside it is none any more."""
    node = serving()
    stopped = node.step([heard(200, PEER), StopRequested("asked")], TAKES_OVER + 0.5)
    assert asked(stopped) == []
