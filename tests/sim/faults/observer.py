"""Faults of the process that runs the checks, while the router beside it runs on."""

from collections.abc import Callable
from functools import partial

from tests.sim.host.host import Host
from tests.sim.observer.pace import Pace
from tests.sim.world import World

POLLED = "check1"
RESTARTED_WITHIN = 0.1


def pace_for(unit: float) -> Pace:
    """Return a pace that lets results grow stale within a few intervals."""
    every = unit / 4
    return Pace(every=every, delay=min(0.05, every / 4), noticed=unit / 4)


def kill_observer(_: World, host: Host, seconds: float) -> None:
    """It is away for a while."""
    host.observer.kill()
    _later(host, seconds, host.observer.restart)


def restart_observer(world: World, host: Host, _: float) -> None:
    """It is killed and started again at once."""
    kill_observer(world, host, RESTARTED_WITHIN)


def stop_observer(_: World, host: Host, seconds: float) -> None:
    """SIGSTOP and SIGCONT."""
    host.observer.freeze()
    _later(host, seconds, host.observer.thaw)


def pause(_: World, host: Host, seconds: float) -> None:
    """Both processes stand still."""
    host.pause()
    _later(host, seconds, host.resume)


def hang_checks(_: World, host: Host, seconds: float) -> None:
    """No probe comes to an end."""
    host.observer.hang(seconds)
    _later(host, seconds, host.observer.answer)


def restart_into_hung_checks(world: World, host: Host, seconds: float) -> None:
    """The new process looks at nothing for a while."""
    hang_checks(world, host, seconds)
    restart_observer(world, host, seconds)


def one_failure(_: World, host: Host, __: float) -> None:
    """A single result that is no verdict."""
    host.observer.flake(POLLED)


def one_failure_after_a_restart(world: World, host: Host, seconds: float) -> None:
    """The first result of a new process is bad luck."""
    restart_observer(world, host, seconds)
    _later(host, 2 * RESTARTED_WITHIN, partial(host.observer.flake, POLLED))


def slow_channel(world: World, host: Host, seconds: float) -> None:
    """Messages need a quarter of the time after which a result is stale."""
    if world.plan.pace is not None and world.plan.max_age is not None:
        host.observer.channel.slow = world.plan.max_age / 4 / world.plan.pace.delay
        host.observer.certainty.doubt(seconds)
        _later(host, seconds, partial(setattr, host.observer.channel, "slow", 1.0))


def fail_polled(_: World, host: Host, seconds: float) -> None:
    """The target of a polled check is bad for a while."""
    host.set_check(POLLED, good=False)
    host.timeline.after(seconds, partial(host.set_check, POLLED, good=True))


def heal_observer(host: Host) -> None:
    """Nothing is wrong any more."""
    if host.pace is None:
        return
    host.observer.channel.slow = 1.0
    host.observer.thaw()
    host.observer.answer()
    if host.node is not None:
        host.observer.restart()


def _later(host: Host, seconds: float, do: Callable[[], None]) -> None:
    host.timeline.after(seconds, host.process.life.only(do))


OBSERVER_FAULTS = (
    kill_observer,
    kill_observer,
    restart_observer,
    stop_observer,
    stop_observer,
    pause,
    pause,
    pause,
    hang_checks,
    restart_into_hung_checks,
    restart_into_hung_checks,
    one_failure,
    one_failure_after_a_restart,
    one_failure_after_a_restart,
    slow_channel,
    fail_polled,
)
