"""The spans of time by which a router acts, each with its parts."""

from typing import Final

from sidecar.core.params import KERNEL_EXPIRY, LOOP_LATENESS, PAIR, lease_seconds, master_down_interval
from sidecar.core.router.down_timer import TAKEOVER
from sidecar.core.snapshot import Step, Wait
from sidecar.core.state import State
from sidecar.core.wire.constants import V2
from sidecar.telemetry.explain.document import Span, Term
from sidecar.telemetry.explain.subject import Subject
from sidecar.telemetry.explain.words import clock, span

ROUNDED: Final = 1e-4
"""Seconds by which two sums of the same numbers may differ that are shown to the microsecond."""
_AT_ONCE: Final[Term] = {"value": 0.0, "origin": "`hosts: 2`, no other backup could go first"}
_TAKEOVER: Final[Term] = {"value": TAKEOVER, "origin": "for the takeover of another host"}


def spans(of: Subject) -> list[Span]:
    """Return those that count in the present state."""
    router = of.router
    if router.state is State.MASTER:
        return [_lease(of)]
    match router.outlook.step:
        case Step.FOLLOWS | Step.HELD_DOWN | Step.PREEMPT_DELAY:
            return [_silence(of), _resignation(of)]
        case Step.TAKES_OVER if router.outlook.at is not None and not of.moving:
            return _running(of, router.outlook.at)
        case _:
            return []


def _running(of: Subject, ends: float) -> list[Span]:
    """The wait before a takeover whose moment is known: of silence, after a resignation, or for an advert."""
    router = of.router
    interval, began = router.contention.interval, router.waits_since
    three = _term(3 * interval, f"3 x {span(interval)}, {_whose(of)}")
    waits = {
        Wait.SILENCE: ("", began, (three, _skew(of))),
        Wait.RESIGNED: ("the resignation at ", began, (_skew(of),)),
        Wait.ALONE: ("the resignation at ", began, (_AT_ONCE,)),
        Wait.AFTER_US: ("our resignation at ", began, (_term(interval, _whose(of)), _skew(of), _TAKEOVER)),
    }
    candidates = [waits[router.contention.wait], waits[Wait.SILENCE]]
    if (master := router.master) is not None:
        ask = _term(master.interval, "its next advert, which asks for a better master")
        candidates.append(("the last advert at ", master.heard_at, (ask, _skew(of))))
    for name, since, terms in candidates:
        if abs(since + sum(term["value"] for term in terms) - ends) < ROUNDED:
            begin, end = (clock(of.view.at_wall(each), of.view.wall) for each in (since, ends))
            return [_span("wait", f"from {name}{begin} until {end}", terms, of, ends)]
    return []


def _silence(of: Subject) -> Span:
    """Active_Down_Interval (RFC 9568 section 6.1): three adverts missed, and the skew."""
    router = of.router
    interval = router.contention.interval
    three = _term(3 * interval, f"3 x {span(interval)}, {_whose(of)}")
    runs = router.outlook.step is Step.FOLLOWS and of.timely
    at = router.waits_since + router.master_down_interval if runs else None
    when = "" if at is None else f", at {clock(of.view.at_wall(at), of.view.wall)}"
    told = f"takes over {span(router.master_down_interval)} after the last advert{when}"
    return _span("silence", told, (three, _skew(of)), of, at)


def _whose(of: Subject) -> str:
    """Say where the interval comes from that is counted by."""
    if of.router.contention.interval == of.interval:
        return "`advert_interval`"
    return f"as the master says; `advert_interval` here is {span(of.interval)}"


def _skew(of: Subject) -> Term:
    """Skew_Time: the lower the priority, the longer."""
    router = of.router
    unit = 1.0 if router.version == V2 else router.contention.interval
    return _term(of.skew, f"skew, (256 - {router.effective_priority}) / 256 of {span(unit)}")


def _resignation(of: Subject) -> Span:
    if of.router.hosts == PAIR:
        told = "takes over at once when the master resigns (priority 0)"
        return _span("resignation", told, (_AT_ONCE,), of)
    told = f"takes over {span(of.skew)} after the master resigns (priority 0)"
    return _span("resignation", told, (_skew(of),), of)


def _lease(of: Subject) -> Span:
    """The life of the VIPs in the kernel without this process."""
    fastest = master_down_interval(254, of.interval, of.router.version)
    seconds = lease_seconds(of.interval, of.router.version)
    late = span(KERNEL_EXPIRY + LOOP_LATENESS)
    patience = f"the fastest backup waits {span(fastest)}"
    origin = f"{patience}; less {late} for a late kernel and process, in whole seconds, at least 1 s"
    told = f"the kernel removes the VIPs {span(seconds)} after the last renewal if this process is killed"
    return _span("lease", told, (_term(float(seconds), origin),), of)


def _term(value: float, origin: str) -> Term:
    return {"value": round(value, 6), "origin": origin}


def _span(name: str, told: str, terms: tuple[Term, ...], of: Subject, at: float | None = None) -> Span:
    """Make one of its terms; with more than one of them each is told with its value."""
    values = [term["value"] for term in terms]
    origins = [f"{span(term['value'])} ({term['origin']})" for term in terms]
    sum_of = " + ".join(origins) if len(terms) > 1 else terms[0]["origin"]
    return {
        "name": name,
        "seconds": round(sum(values), 6),
        "terms": list(terms),
        "at": None if at is None else round(of.view.at_wall(at), 3),
        "in_seconds": None if at is None else round(at - of.view.now, 3),
        "sentence": f"{told}: {sum_of}",
    }
