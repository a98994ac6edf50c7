"""The meaning of one virtual router's state for the person on call.

A planned move is no reason to look: a host that starts, resigns or takes over is judged by what it does next,
and what takes some milliseconds is told only when it lasts.
"""

from collections.abc import Iterator
from typing import Final

from sidecar.telemetry.document import Router, Status, sentence

BRIEF: Final = 1.0
"""Seconds that a move of the VIP, or the kernel's answer, may take before it is told."""
STARTING: Final = 10.0
"""Seconds after the start in which leftovers may be removed, and checks may have no verdict yet."""


def starting(status: Status) -> bool:
    """Whether this sidecar has just been started: what is unknown yet is no reason to look."""
    return status["uptime_seconds"] < STARTING


def faults(router: Router, status: Status) -> Iterator[str]:
    """Yield why this host cannot serve, or why nobody does."""
    name, state = router["name"], router["state"]
    if state == "FAULT" or (state == "INIT" and not starting(status) and not status["stopping"]):
        yield f"{name} is {state}: {router['reason']}"
    elif state == "BACKUP" and not _takes_over(router):
        master = router["master"]
        if _delayed(router) and starting(status):
            pass  # that is what it was told to do
        elif master is None:
            yield f"{name}: no master is known" + (f"; {_next(router)}" if _delayed(router) else "")
        elif master["last_advert_age_seconds"] > router["master_down_interval_seconds"] + BRIEF:
            age = master["last_advert_age_seconds"]
            yield f"{name}: no master is heard, since {age:.0f} s; {_next(router)}"
    elif state == "MASTER":
        missing = [vip["address"] for vip in router["addresses"] if not vip["owned"]]
        if missing:
            yield f"{name} is MASTER without {', '.join(missing)}"


def worries(router: Router, status: Status) -> Iterator[str]:
    """Yield why somebody should look at this router although it is served."""
    name = router["name"]
    if len(router["other_hosts"]) > 1:
        from sidecar.core.router.pair import third_host  # noqa: PLC0415 - half an election, for one sentence

        yield f"{name}: {third_host(tuple(router['other_hosts']))}"
    if router["cannot_send"] is not None:
        yield f"{name}: no other host can hear this one: {router['cannot_send']}"
    yield from _priority(router, status)
    if router["hold_down_seconds"]:
        yield f"{name} is held down: it failed too often and preempts no healthy host for a while"
    if router["masters_observed"] > 1 and not _named(router, status):
        yield f"{name}: {router['masters_observed']} masters were seen"
    for mismatch in router.get("mismatches", []):
        yield f"{name}: {sentence(mismatch)}"
    for hook in router.get("hooks", []):
        if hook["failing"]:
            yield f"{name}: the hook {hook['hook']} has failed ({hook['result']}): {hook['detail']}"
    held = any(vip["owned"] for vip in router["addresses"])
    if router["state"] != "MASTER" and held and not _brief(router, status):
        yield f"{name} still has a VIP though it is {router['state']}"


def _priority(router: Router, status: Status) -> Iterator[str]:
    name, priority = router["name"], router["priority"]
    if status.get("drain") is not None:
        if router["state"] == "MASTER":
            yield f"{name} is served from here although this host is drained: nobody else is fit"
        return
    if priority["effective"] >= priority["configured"]:
        return
    because = "".join(f": {why}" for why in _causes(router, status))
    if router["state"] == "MASTER" and "next" in router and router["next"]["step"] == "serves_unfit":
        yield f"{name} {router['next']['sentence']}{because}"
        because = ""
    unknown = any(check["up"] is None for check in status["checks"])
    failed = any(check["up"] is False for check in status["checks"])
    if not (starting(status) and unknown and not failed):
        yield f"{name} contends at priority {priority['effective']}, not {priority['configured']}{because}"


def _causes(router: Router, status: Status) -> Iterator[str]:
    """Yield the check that lowers the priority, and how many more do; what is down before what is unknown."""
    of_router = router.get("checks", [])
    lowering = [each for each in status["checks"] if each["name"] in of_router and each["up"] is not True]
    if lowering:
        first = min(lowering, key=lambda each: each["up"] is None)
        more = f" (and {len(lowering) - 1} more)" if len(lowering) > 1 else ""
        word = "is down" if first["up"] is False else "has no verdict"
        yield f"check {first['name']} {word}{more}: {first['detail']}"


def _named(router: Router, status: Status) -> bool:
    """Whether two hosts that serve are named already."""
    found = status.get("lan_findings", [])
    return any((each["router"], each["kind"]) == (router["name"], "two_holders") for each in found)


def _takes_over(router: Router) -> bool:
    """Whether it takes over now or soon, by itself."""
    if "next" not in router or router["next"]["step"] != "takes_over":
        return False
    left = router["next"]["in_seconds"]
    return left is not None and left > -BRIEF


def _delayed(router: Router) -> bool:
    """Whether it waits for `startup_delay`."""
    return "next" in router and router["next"]["step"] == "startup_delay"


def _next(router: Router) -> str:
    return router["next"]["sentence"] if "next" in router else "and this host does not take over"


def _brief(router: Router, status: Status) -> bool:
    """Whether the state is so young that what belongs to it may be under way."""
    return "at" in status and status["at"] - router["since"] < BRIEF
