"""Random misfortune. A regime says what can go wrong; a seed says what does."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Interface, IPv6Interface
from math import floor, inf
from random import Random
from typing import Any

from sidecar.core.address import Vip
from sidecar.core.params import KERNEL_EXPIRY, LOOP_LATENESS, PAIR
from sidecar.core.router.active import REPLY_SPACING
from sidecar.core.router.lease import ANSWER_TIMEOUT
from sidecar.core.router.state_machine import FAULT_RETRY
from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.constants import GROUPS, TTL
from tests.sim.faults_drain import DRAINS
from tests.sim.faults_observer import OBSERVER_FAULTS, heal_observer, pace_for
from tests.sim.faults_reload import RELOADS
from tests.sim.host import EPOCH, Host
from tests.sim.world import CLIENT_PORT, ROGUES, VIPS6, VRID, Plan, World

PRIORITIES = (
    (250, 240),
    (250, 240, 100),
    (200, 200, 200),
    (101, 100),
    (254, 2),
    (255, 100),
    (255, 255),
    (250, 249, 100, 50),
)
PAIRS = tuple(each for each in PRIORITIES if len(each) == PAIR)
INTERVALS_CS = (10, 50, 100, 100, 300)
ANOTHER_VIP: dict[int, Vip] = {4: IPv4Interface("10.77.0.101/32"), 6: IPv6Interface("2001:db8::101")}
SLACK = 0.1
"""Seconds for delays, answers and lateness."""


RESTARTS = "+restarts"
"""Added to the name of a regime: processes are killed and started again at once, too."""


def plan_for(named: str, rng: Random, wire: Random) -> Plan:
    """Draw a world."""
    regime = named.removesuffix(RESTARTS)
    priorities = rng.choice(PAIRS if regime == "pair" else PRIORITIES)
    interval_cs = rng.choice(INTERVALS_CS)
    # Counted here anew: the lease of the core is one of the things under test.
    lease = max(1, floor(3 * interval_cs / 100 * 1.0026 - KERNEL_EXPIRY - LOOP_LATENESS))
    slept = lease + KERNEL_EXPIRY + SLACK
    short = REPLY_SPACING + SLACK
    if named != regime:
        short = slept
    bounds = {"planned": short, "reload": short, "pair": short, "process": slept, "observer": slept}
    bounds["drained"] = slept
    plan = Plan(
        priorities=priorities,
        interval_cs=interval_cs,
        preempt=rng.random() < 0.8,
        unicast=rng.random() < 0.3,
        overlap=bounds.get(regime, inf),
        lossless=regime in bounds,
    )
    plan = replace(plan, **_wire(plan, wire))
    if regime == "observer":
        unit = max(plan.interval, 0.3)
        return replace(plan, checks=2, pace=pace_for(unit), max_age=unit, silence=max(2.0, 2 * unit))
    return replace(plan, hosts=PAIR) if regime == "pair" else plan


def _wire(plan: Plan, rng: Random) -> dict[str, Any]:
    """Draw what the packets look like, and who has to wait after a failure."""
    version = 2 if plan.interval_cs % 100 == 0 and rng.random() < 0.25 else 3
    return {
        "version": version,
        "vips": VIPS6[: rng.randint(1, 2)] if version == 3 and rng.random() < 0.3 else plan.vips,
        "signed": rng.random() < 0.3,
        "damped": rng.random() < 0.3,
        "hosts": PAIR if rng.random() < 0.7 and len(plan.priorities) == PAIR else None,
    }


def run_seed(
    regime: str,
    seed: int,
    *,
    trace: list[str] | None = None,
    prepare: Callable[[World], None] | None = None,
) -> World:
    """Run one world of a regime through its faults, heal it, and demand order. `trace` takes what is seen.

    `prepare` is called with the world before anything happens in it.
    """
    rng = Random(f"{regime}{seed}")  # noqa: S311  # repeatable misfortune
    wire = Random(f"{regime}{seed}wire")  # noqa: S311
    world = World(plan_for(regime, rng, wire), rng.getrandbits(32))
    world.monitors.trace = trace
    if prepare is not None:
        prepare(world)
    unit = max(world.plan.interval, 0.3)
    for host in world.hosts:
        world.timeline.at(rng.uniform(0, unit), host.start)
        host.stall_chance = 0.005 if regime.removesuffix(RESTARTS) in ("process", "network") else 0.0
    base = regime.removesuffix(RESTARTS)
    choices = _REGIMES[base]
    if base != regime:
        choices += _RESTARTS * (1 + len(choices) // len(_RESTARTS))
    now = 3 * unit
    for _ in range(rng.randint(3, 7)):
        now += rng.uniform(0.05, 4) * unit
        fault = partial(rng.choice(choices), world, rng.choice(world.hosts), rng.uniform(0.05, 6) * unit)
        world.timeline.at(now, fault)
    world.run(now + 7 * unit)
    for host in world.hosts:
        host.stall_chance = 0.0
    world.run(4 * unit)
    _heal(world)
    world.settle()
    return world


def _heal(world: World) -> None:
    world.lan.heal()
    for host in world.hosts:
        if host.was_paused:
            host.resume()
        if host.frozen:
            host.thaw()
        heal_observer(host)
        if host.kernel.refuses or host.kernel.refuses_to_add or host.kernel.foreign:
            _kernel_mended(world, host)
        host.set_link(up=True)
        host.mute(on=False)
        if host.wall != EPOCH:
            host.step_wall_clock(EPOCH - host.wall)
        if host.node is None or host.stopping:
            host.kill()
            host.start()


# ---- what can happen to a host for some seconds


def _kill(world: World, host: Host, seconds: float) -> None:
    if host.node is not None:
        host.kill()
        _later(world, host, seconds, host.start)


def _restart_at_once(world: World, host: Host, _: float) -> None:
    _kill(world, host, 0.001)


def _restart_within_the_lease(world: World, host: Host, _: float) -> None:
    """Killed, and started again by its supervisor, mostly while the kernel has the VIP yet."""
    _kill(world, host, world.rng.uniform(0.001, 1.2) * host.params.routers[0].lease)


def _restart_often(world: World, host: Host, _: float) -> None:
    """It dies again soon after each start."""
    lease = host.params.routers[0].lease
    for n in range(3):
        world.timeline.after(
            n * lease / 2, partial(_kill, world, host, world.rng.uniform(0.001, 0.4) * lease)
        )


def _restart_before_any_verdict(world: World, host: Host, _: float) -> None:
    """It dies again before its checks have had a verdict, for longer than they are believed without one."""
    for n in range(int(6 * max(world.plan.interval, 0.3) / 0.15)):
        world.timeline.after(n * 0.15, partial(_kill, world, host, 0.1))


def _restart_all(world: World, _: Host, seconds: float) -> None:
    for host in world.hosts:
        _restart_within_the_lease(world, host, seconds)


def _restart_with_another_configuration(world: World, host: Host, _: float) -> None:
    """For a moment a file counts that makes another virtual router of it, and then the right one again."""
    params, plan = host.params, world.plan
    router, lease = params.routers[0], params.routers[0].lease
    right = (router.vrid, router.addresses, router.interval_cs) == (VRID, plan.vips, plan.interval_cs)
    if host.node is None or not right:
        return
    others = (
        {"vrid": router.vrid + 1},
        {"addresses": (*router.addresses, ANOTHER_VIP[router.family])},
        {"interval_cs": router.interval_cs + 100},
    )
    changed = replace(router, **world.rng.choice(others))
    host.kill()
    host.params = replace(params, routers=(changed,))
    host.start()

    def mend() -> None:
        host.params = params
        _kill(world, host, world.rng.uniform(0.001, 0.3) * lease)

    world.timeline.after(world.rng.uniform(0.01, 0.4), mend)


def _freeze(world: World, host: Host, seconds: float) -> None:
    host.freeze()
    _later(world, host, seconds, host.thaw)


def _stop(world: World, host: Host, seconds: float) -> None:
    if host.node is not None and not host.frozen:
        host.stop()
        _later(world, host, seconds, lambda: host.start() if host.node is None else None)


def _fail_check(world: World, host: Host, seconds: float) -> None:
    host.set_check("check0", good=False)
    world.timeline.after(seconds, lambda: host.set_check("check0", good=True))


def _fail_all_checks(world: World, _: Host, seconds: float) -> None:
    for host in world.hosts:
        _fail_check(world, host, seconds * (1 + host.number / 8))


def _fail_in_turn(world: World, host: Host, seconds: float) -> None:
    """Never both: each is well again before the other one fails."""
    turn = seconds / 4
    for n in range(4):
        failing = world.hosts[(host.number + n) % len(world.hosts)]
        world.timeline.after(n * turn, partial(_fail_check, world, failing, turn * 0.9))


def _a_stranger_resigns(world: World, _: Host, seconds: float) -> None:
    """A host that is none of ours says priority 0, again and again."""
    for n in range(20):
        world.timeline.after(n * seconds / 20, partial(world.intrude, 0))


def _unplug(world: World, host: Host, seconds: float) -> None:
    host.set_link(up=False)
    world.timeline.after(seconds, lambda: host.set_link(up=True))


def _silence(world: World, host: Host, seconds: float) -> None:
    """A firewall of the host lets no advertisement out: the kernel says so with each of them."""
    host.mute(on=True)
    world.timeline.after(seconds, lambda: host.mute(on=False))


def _silence_unnoticed_by_trials(world: World, host: Host, seconds: float) -> None:
    """The same behind the place that a trial to the group reaches."""
    host.mute(on=True, trials=False)
    world.timeline.after(seconds, lambda: host.mute(on=False))


def _silence_to_one(world: World, host: Host, seconds: float) -> None:
    """One unicast peer of several cannot be reached."""
    host.mute(on=True)
    if len(host.unsendable) > 1:
        host.unsendable, host.mute_since = frozenset({world.rng.choice(sorted(host.unsendable))}), inf
    else:
        host.mute(on=False)
    world.timeline.after(seconds, lambda: host.mute(on=False))


def _blink(world: World, host: Host, _: float) -> None:
    """The link is away for a moment."""
    _unplug(world, host, 0.03)


def _refuse(world: World, host: Host, seconds: float) -> None:
    world.monitors.unready(host)
    host.kernel.refuses = True
    world.timeline.after(seconds, lambda: _kernel_mended(world, host))


def _refuse_to_add(world: World, host: Host, seconds: float) -> None:
    world.monitors.unready(host)
    host.kernel.refuses_to_add = True
    world.timeline.after(seconds, lambda: _kernel_mended(world, host))


def _steal(world: World, host: Host, seconds: float) -> None:
    world.monitors.unready(host)
    host.kernel.set_foreign({world.plan.vips[0]})
    world.timeline.after(seconds, lambda: _kernel_mended(world, host))


def _kernel_mended(world: World, host: Host) -> None:
    host.kernel.refuses = host.kernel.refuses_to_add = False
    if host.kernel.foreign:
        host.kernel.set_foreign(set())
    world.monitors.unready(host)
    world.monitors.ready(host, FAULT_RETRY + SLACK)


def _delete_by_hand(world: World, host: Host, _: float) -> None:
    host.kernel.delete(world.plan.vips[0])
    world.monitors.robbed(host)


def _slow_kernel(world: World, host: Host, seconds: float) -> None:
    host.kernel.ack_delay = 0.03
    world.timeline.after(seconds, partial(setattr, host.kernel, "ack_delay", 0.002))


def _busy_kernel(world: World, host: Host, seconds: float) -> None:
    """Several commands are under way at once, and most answers are to older ones."""
    host.kernel.ack_delay = 0.3
    world.timeline.after(seconds, partial(setattr, host.kernel, "ack_delay", 0.002))


def _stuck_kernel(world: World, host: Host, seconds: float) -> None:
    """No answer for so long that the core gives up waiting, and then all of them."""
    world.monitors.unready(host)
    host.kernel.stick(ANSWER_TIMEOUT * (0.8 + 0.4 * (seconds % 1)))
    world.timeline.after(2 * ANSWER_TIMEOUT, lambda: _kernel_mended(world, host))


def _farewells_in_the_name_of(world: World, host: Host, seconds: float) -> None:
    """Takeovers begin, and end when the master speaks again."""
    for n in range(5):
        world.timeline.after(n * seconds / 5, partial(world.forge, host, 0))


def _cut_off(world: World, host: Host, seconds: float) -> None:
    others = [h.number for h in world.hosts] + [CLIENT_PORT + n for n in range(len(world.clients))]
    _cut(world, {(host.number, n) for n in others} | {(n, host.number) for n in others}, seconds)


def _deafen(world: World, host: Host, seconds: float) -> None:
    _cut(world, {(h.number, host.number) for h in world.hosts}, seconds)


def _mute(world: World, host: Host, seconds: float) -> None:
    _cut(world, {(host.number, h.number) for h in world.hosts}, seconds)


def _lose(world: World, host: Host, seconds: float) -> None:
    ways = {(a.number, b.number) for a in world.hosts for b in world.hosts}
    ways |= {(host.number, CLIENT_PORT + n) for n in range(len(world.clients))}
    world.lan.loss.update(dict.fromkeys(ways, 0.3))
    world.timeline.after(seconds, world.lan.loss.clear)


def _duplicate(world: World, _: Host, seconds: float) -> None:
    world.lan.duplicates = 0.5
    world.timeline.after(seconds, partial(setattr, world.lan, "duplicates", 0.0))


def _shout_nonsense(world: World, host: Host, _: float) -> None:
    rng = world.rng
    for _n in range(20):
        noise, ttl = rng.randbytes(6), rng.choice((1, 254))
        plan = world.plan
        if (plan.signed or plan.unicast) and noise[3] % 4 == 0:
            payload, ttl = _whoever_is_not_ours(plan, noise), TTL
        elif noise[0] % 2:
            payload = _far_away(world, noise)
        else:
            payload, ttl = _another_service(world, noise), TTL
        world.timeline.after(
            rng.uniform(0, 0.2), partial(world.junk, host, payload, ttl, GROUPS[world.plan.family])
        )


def _far_away(world: World, noise: bytes) -> bytes:
    """An advert of our VIP, for a TTL that no host of the LAN sends; its checksum is anything."""
    vip = world.plan.vips[0].ip.packed
    return bytes((world.plan.version << 4 | 1, 51, 255, 1, 0, 100)) + noise[1:3] + vip


def _whoever_is_not_ours(plan: Plan, noise: bytes) -> bytes:
    """An advert that is right in everything, of a host that has no key or is no peer."""
    family, ours = plan.family, tuple(vip.ip for vip in plan.vips)
    said = Advert(51, (0, 1, 254, 255)[noise[2] % 4], plan.interval_cs, ours, plan.version)
    return encode(said, ROGUES[family], GROUPS[family], pseudo_header=True)


def _another_service(world: World, noise: bytes) -> bytes:
    """An advert that is right in everything, with our VRID and the address of somebody else."""
    plan, family = world.plan, world.plan.family
    others = (plan.vips[0].ip + 100,) if noise[1] % 4 else ()
    said = Advert(51, (0, 1, 254, 255)[noise[2] % 4], plan.interval_cs, others, plan.version)
    return encode(said, ROGUES[family], GROUPS[family], pseudo_header=True)


def _set_the_clock(world: World, host: Host, _: float) -> None:
    """A wrong clock of a process that starts anew is believed, so it must be right again in the end."""
    host.step_wall_clock(world.rng.choice((-86400.0, -30.0, -1.0, 1.0, 30.0, 86400.0)))


def _cut(world: World, ways: set[tuple[int, int]], seconds: float) -> None:
    world.lan.cuts |= ways
    world.timeline.after(seconds, partial(world.lan.cuts.difference_update, ways))


def _later(world: World, host: Host, seconds: float, do: Callable[[], None]) -> None:
    life = host.life
    world.timeline.after(seconds, lambda: do() if host.life == life or host.node is None else None)


_PLANNED = (_stop, _stop, _fail_check, _fail_check, _fail_all_checks, _shout_nonsense)
_PROCESS = (
    *_PLANNED,
    _kill,
    _kill,
    _restart_at_once,
    _freeze,
    _freeze,
    _refuse,
    _refuse_to_add,
    _steal,
    _delete_by_hand,
    _slow_kernel,
    _unplug,
    _blink,
)
_RESTARTS = (
    _restart_at_once,
    _restart_within_the_lease,
    _restart_within_the_lease,
    _restart_within_the_lease,
    _restart_often,
    _restart_before_any_verdict,
    _restart_all,
    _restart_with_another_configuration,
)
_REGIMES = {
    "planned": _PLANNED,
    "pair": (*_PLANNED, _fail_in_turn, _fail_in_turn, _a_stranger_resigns, _a_stranger_resigns),
    "process": _PROCESS,
    "unheard": (*_PLANNED, _kill, _unplug, _silence, _silence, _silence, *(_silence_to_one,) * 6),
    "busy": (
        *_PLANNED,
        _busy_kernel,
        _busy_kernel,
        _busy_kernel,
        _stuck_kernel,
        _stuck_kernel,
        _stuck_kernel,
        _farewells_in_the_name_of,
        _farewells_in_the_name_of,
        _delete_by_hand,
        _blink,
    ),
    "network": (
        *_PROCESS,
        _cut_off,
        _deafen,
        _mute,
        _lose,
        _silence,
        _silence,
        _silence_unnoticed_by_trials,
        _silence_to_one,
        _duplicate,
        _set_the_clock,
        _cut_off,
        _deafen,
        _lose,
    ),
    "observer": (*_PLANNED, *OBSERVER_FAULTS),
    "reload": (*_PLANNED, *RELOADS, *RELOADS),
    "drained": (*_PLANNED, *DRAINS, *DRAINS),
}
REGIMES = tuple(_REGIMES)
"""In the order in which a run over many seeds takes them; a new one comes last."""
RESTARTED = tuple(regime + RESTARTS for regime in REGIMES)
"""The same regimes, with processes that are killed and started again at once."""
