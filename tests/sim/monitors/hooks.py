"""Hooks: no wait is longer than its time, none overlaps, and what they are told in the end is true."""

from functools import partial
from math import inf

from sidecar.core.actions import CancelHook, Command, DropVips, HoldVips, RunHook, Transition
from sidecar.core.hook import PRE_RELEASE_LONGEST, Hook
from sidecar.core.state import Reason, State
from tests.sim.host.host import Host
from tests.sim.monitors.bounds import AT_ONCE
from tests.sim.monitors.history import History

PLANNED = (Reason.SHUTDOWN, Reason.DRAIN)


class Hooks:
    """Looks at what is asked for, and at when the programs ran."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._waits: dict[int, RunHook] = {}
        """The takeover of each host that waits for its hook."""
        self._told: dict[int, RunHook] = {}
        """What the hooks of each host were told last about its state."""

    def restarted(self, host: Host) -> None:
        """A process has been started: nothing was told by it."""
        self._waits.pop(host.number, None)
        self._told.pop(host.number, None)

    def performed(self, host: Host, command: Command) -> None:
        """A command is being carried out, now."""
        waits = self._waits.get(host.number)
        match command:
            case RunHook(hook=Hook.PRE_ACQUIRE):
                self._told[host.number] = command
                self._waits[host.number] = command
                self._expect_a_takeover(host, command)
            case RunHook(hook=Hook.PRE_RELEASE):
                self._told[host.number] = command
                self._pre_release(host, command)
            case RunHook(hook=hook) if hook is not Hook.ON_CHECK:
                self._told[host.number] = command
                self._expect_told_in_time(host, command)
            case HoldVips() if waits is not None:
                self._expect_an_end(host, waits)
                del self._waits[host.number]
            case DropVips() | CancelHook():
                self._waits.pop(host.number, None)
            case _:
                pass

    def moved(self, host: Host, transition: Transition) -> None:
        """A transition: a move that happened otherwise than planned ends the hook before it."""
        running = host.hooks.running
        if transition.old is State.MASTER and transition.reason not in PLANNED and running is not None:
            gone = partial(self._gone, host, running)
            if running.hook is Hook.PRE_RELEASE and not host.observer.frozen:
                self._history.timeline.after(AT_ONCE, gone)

    def settled(self, host: Host) -> None:
        """Nothing happens any more: the hooks know the state of the router."""
        if host.hooks.overlapping:
            self._fail("hook-overlap", host, "one began while another one ran")
        told = self._told.get(host.number)
        if host.params.routers[0].hooks is None or host.state is None or told is None:
            return
        if told.hook.waited_for:
            self._fail("hooks-misled", host, f"nothing followed its {told.hook}")
        if host.state is not told.state:
            self._fail("hooks-misled", host, f"it is {host.state}, and its hooks were told {told.state}")

    # ---- before a takeover

    def _expect_a_takeover(self, host: Host, asked: RunHook) -> None:
        """It goes on when the time of its hook is over, or is given up."""
        mark = self._mark(host)
        hooks = host.params.routers[0].hooks
        patience = 0.0 if hooks is None else hooks.timeout

        def over() -> None:
            if self._mark(host) == mark and self._waits.get(host.number) is asked:
                self._fail("takeover-held-up", host, f"its hook was asked for {patience} s ago")

        self._history.timeline.after(patience + AT_ONCE, over)

    def _expect_an_end(self, host: Host, asked: RunHook) -> None:
        """The VIPs are asked for after the end of the hook, or when its time is over."""
        running = host.hooks.running
        if running == asked and host.clock < asked.until:
            self._fail("claimed-before-its-hook", host, f"{asked.hook} still runs")

    # ---- before a planned move

    def _pre_release(self, host: Host, asked: RunHook) -> None:
        if not host.process.stopping and not host.operator_drain.lately:
            self._fail("unplanned-pre-release", host, "nobody stops or drains it")
        if host.state is not State.MASTER:
            self._fail("unplanned-pre-release", host, f"it is {host.state}")
        record = self._history.of(host)
        mark = (*self._mark(host), record.moves)

        def left() -> None:
            waits = host.node is not None and host.node.snapshot(0.0).routers[0].hook is not None
            if waits and (*self._mark(host), record.moves) == mark:
                self._fail("release-held-up", host, f"it was asked for {PRE_RELEASE_LONGEST} s ago")

        patience = min(PRE_RELEASE_LONGEST, asked.until - asked.asked_at if asked.until < inf else inf)
        self._history.timeline.after(patience + AT_ONCE, left)

    def _gone(self, host: Host, run: RunHook) -> None:
        running = host.hooks.running
        if running is run and not host.observer.frozen and host.node is not None and not host.frozen:
            self._fail("pre-release-beside-a-master", host, "it runs on after the move has happened")

    # ---- after a move

    def _expect_told_in_time(self, host: Host, told: RunHook) -> None:
        """Hooks after a move are told of what is so."""
        if told.hook is Hook.POST_ACQUIRE and not host.kernel.ours and not host.kernel.taken:
            self._fail("hook-too-early", host, "post_acquire without the VIP")
        if told.hook is Hook.POST_RELEASE and host.kernel.ours:
            self._fail("hook-too-early", host, "post_release while the VIP is here")

    def _mark(self, host: Host) -> tuple[float, ...]:
        record = self._history.of(host)
        return record.disturbed, record.holds, record.ready_since

    def _fail(self, monitor: str, host: Host, detail: str) -> None:
        self._history.fail(monitor, f"host {host.number}: {detail}")
