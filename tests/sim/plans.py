"""The plan of a world: drawn from a seed, within what a regime allows."""

from dataclasses import replace
from math import floor, inf
from random import Random
from typing import Any

from sidecar.core.params import KERNEL_EXPIRY, LOOP_LATENESS, PAIR
from sidecar.core.router.active import REPLY_SPACING
from tests.sim.faults.observer import pace_for
from tests.sim.regimes import RESTARTS
from tests.sim.world import VIPS6, Plan

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
SLACK = 0.1
"""Seconds for delays, answers and lateness."""


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
    bounds["drained"] = bounds["hooks"] = slept
    plan = Plan(
        priorities=priorities,
        interval_cs=interval_cs,
        preempt=rng.random() < 0.8,
        unicast=rng.random() < 0.3,
        overlap=bounds.get(regime, inf),
        lossless=regime in bounds,
    )
    plan = replace(plan, **_wire(plan, wire))
    if regime in ("observer", "hooks"):
        unit = max(plan.interval, 0.3)
        hooked = wire.choice((0.05, 0.5, 2.0)) if regime == "hooks" else 0.0
        plan = replace(plan, hook_timeout=hooked)
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
