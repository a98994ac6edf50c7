"""Why a router is in its state now, and what mends a fault."""

from sidecar.core.priorities import OWNER, UNFIT_PRIORITY
from sidecar.core.snapshot import MasterSeen, Step, Wait
from sidecar.core.state import State
from sidecar.telemetry.explain.document import Because, Command, Master
from sidecar.telemetry.explain.subject import Subject
from sidecar.telemetry.explain.words import span


def because(of: Subject) -> Because:
    """Return why the router is in this state."""
    shown = of.router.master
    return {"sentence": _sentence(of), "master": None if shown is None else _master(shown, of)}


def _master(seen: MasterSeen, of: Subject) -> Master:
    return {
        "source": str(seen.source),
        "priority": seen.priority,
        "interval_seconds": round(seen.interval, 3),
        "last_advert_at": round(of.view.at_wall(seen.heard_at), 3),
        "last_advert_age_seconds": round(max(0.0, of.view.now - seen.heard_at), 3),
    }


def _sentence(of: Subject) -> str:
    router = of.router
    match router.state:
        case State.MASTER:
            return _serving(of)
        case State.BACKUP if of.moving:
            return "the takeover is decided, and the kernel is asked for the VIPs"
        case State.BACKUP if (master := of.master) is not None:
            return _beside(master, of)
        case State.BACKUP:
            return _alone(of)
        case _:
            return router.reason


def _serving(of: Subject) -> str:
    router, mine = of.router, of.router.effective_priority
    beat = f"this host advertises priority {mine} every {span(of.interval)}{_last(router.master, of)}"
    if router.cannot_send:
        return f"no other host is heard, and none can hear this one: {router.cannot_send}"
    if router.masters_observed > 1:
        return f"{beat}; {router.masters_observed} hosts serve at the same time"
    if router.outlook.step is Step.SERVES_UNFIT:
        return f"{beat}; it is unfit, and serves because no host that is fit is heard (fail open)"
    return f"{beat}, and no better host is heard"


def _beside(master: MasterSeen, of: Subject) -> str:
    router, mine = of.router, of.router.effective_priority
    heard = f"{master.source} advertises priority {master.priority}"
    every = f"every {span(master.interval)}{_last(master, of)}"
    if master.priority > mine:
        return f"{heard} {every}; ours is {mine}"
    if master.priority == mine:
        return f"{heard} {every}; ours is the same, and of two equal hosts the one that serves goes on"
    lesser = f"{heard} {every}, less than our {mine}"
    match router.outlook.step:
        case Step.HELD_DOWN:
            return f"{lesser}; it is not replaced during the hold-down of this host"
        case Step.STARTUP_DELAY:
            return f"{lesser}; nobody is replaced before `startup_delay` is over"
        case Step.PREEMPT_DELAY:
            delay = span(of.rules.preempt_delay)
            return f"{lesser}; it is not replaced before `preempt_delay` ({delay}) is over"
        case Step.FOLLOWS if not of.rules.preempt and mine < OWNER:
            return f"{lesser}; a host that is fit is not replaced (`preempt: false`)"
        case Step.SYNC_GROUP:
            return f"{lesser}; another router of its sync group cannot take over"
        case _:
            unfit = "is unfit" if master.priority <= UNFIT_PRIORITY else "is the lesser one"
            return f"{lesser}; it {unfit}, and is about to be replaced"


def _alone(of: Subject) -> str:
    router, waited = of.router, span(of.view.now - of.router.waits_since)
    match router.contention.wait:
        case Wait.RESIGNED | Wait.ALONE:
            return f"{router.contention.leaver} resigned (priority 0) {waited} ago"
        case Wait.AFTER_US:
            return f"this host resigned {waited} ago, and every other one may take over before it"
        case Wait.SILENCE:
            last = "" if router.master is None else f" of {router.master.source}, the last master,"
            return f"no advert{last} has come for {waited}"


def _last(seen: MasterSeen | None, of: Subject) -> str:
    if seen is None or not of.timely:
        return ""
    return f", the last one {span(of.view.now - seen.heard_at)} ago"


def commands(of: Subject) -> list[Command]:
    """Return what mends a fault, where its sentence does not say it, and what shows more."""
    return [*_mending(of), {"command": "vip-sidecar events --since 1d", "purpose": "what happened before"}]


def _mending(of: Subject) -> list[Command]:
    router, name = of.router, of.router.interface
    if router.masters_observed > 1 or router.mismatches:
        return [{"command": "vip-sidecar status", "purpose": "the other senders, and what differs"}]
    if router.cannot_send:
        return [{"command": "nft list ruleset", "purpose": "the rule that drops protocol 112 (VRRP)"}]
    if router.state is not State.FAULT or "`" in router.reason:
        return []
    if not router.device:
        return [{"command": "ip -brief link", "purpose": "the interfaces that this host has"}]
    if router.reason.endswith(" is down"):
        return [{"command": f"ip link set {router.device} up", "purpose": "the interface comes up"}]
    purpose = "what keeps the VIPs away" if router.contention.refused else "the addresses and their flags"
    return [{"command": f"ip -details address show dev {router.device or name}", "purpose": purpose}]
