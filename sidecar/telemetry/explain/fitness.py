"""Whether a host is fit for a router, and what each check has to do with it."""

from sidecar.telemetry.explain.document import Check, Fit
from sidecar.telemetry.explain.priority import downs, weighs
from sidecar.telemetry.explain.subject import Subject, Watched
from sidecar.telemetry.explain.words import clock, span, times


def fit(of: Subject) -> Fit:
    """Return how fit the host is."""
    router, view = of.router, of.view
    held = router.held_until
    return {
        "fit": router.judged.fit,
        "drained": router.judged.drained,
        "failures": router.judged.failures,
        "hold_down_until": None if held is None else round(view.at_wall(held), 3),
        "hold_down_seconds": None if held is None else round(max(0.0, held - view.now), 3),
        "checks": [_check(check, of) for check in of.checks],
        "sentence": _sentence(of),
    }


def _sentence(of: Subject) -> str:
    judged, down = of.router.judged, downs(of)
    if judged.drained:
        why = "drained" if of.view.drained is None else of.view.drained.why
        return f"no: {why}; `vip-sidecar undrain` ends it"
    if not judged.fit:
        return f"no: {', '.join(_state(check) for check in down)}" if down else "no: nothing is judged yet"
    required = sum(check.rules.weight is None for check in of.checks)
    if not of.checks:
        yes = "yes: the file names no check for it"
    elif down:
        yes = "yes: its checks have no verdict yet"
    else:
        yes = f"yes: {times(required, 'required check')} {'is' if required == 1 else 'are'} up"
        yes = yes if required else "yes: no check is required"
    return yes + _hold_down(of)


def _hold_down(of: Subject) -> str:
    """Say whether flap damping keeps the host from a preemption."""
    held, rules = of.router.held_until, of.rules
    if held is None:
        return ""
    failures = times(of.router.outlook.failures or of.router.judged.failures, "failure")
    until, left = clock(of.view.at_wall(held), of.view.wall), span(held - of.view.now)
    free = f", {rules.free} of them without one" if rules.free else ""
    doubled = f"`damping.hold` {span(rules.hold)}, twice that after each further one, at most"
    return f", but held down for {left}, until {until}, after {failures} ({doubled} {span(rules.most)}{free})"


def _state(check: Watched) -> str:
    return f"check {check.rules.name} is {_up(check)}: {check.seen.detail}"


def _up(check: Watched) -> str:
    return {True: "up", False: "down", None: "without a verdict"}[check.seen.up]


def _check(check: Watched, of: Subject) -> Check:
    seen, rules = check.seen, check.rules
    return {
        "name": rules.name,
        "kind": rules.kind,
        "up": seen.up,
        "detail": seen.detail,
        "since": round(of.view.at_wall(seen.since), 3),
        "weight": rules.weight,
        "counts": weighs(check, of),
        "streak": seen.streak,
        "needed": rules.rise if seen.up is False else rules.fall,
        "sentence": f"{_up(check)} for {span(of.view.now - seen.since)}{_last(check)}; {_effect(check, of)}",
    }


def _last(check: Watched) -> str:
    """Say what the last result was; one that has not changed the verdict may contradict it."""
    return f", last {check.seen.detail!r}" if check.seen.reported_at is not None else ""


def _effect(check: Watched, of: Subject) -> str:
    """Say what the check does to the priority, and when that changes."""
    weight, up, name = check.rules.weight, check.seen.up, check.rules.name
    if name in of.router.judged.awaited:
        return "it came by a reload and counts from its first verdict on"
    if up is None and of.router.judged.inherited_until is not None:
        return "its first result is awaited, and decides"
    if weight is None:
        told = "required" if up else "required: unfit without it"
    elif weights := weighs(check, of):
        told = f"weight {weight:+d} counts: {'adds' if weights > 0 else 'takes'} {abs(weights)}"
    else:
        told = f"weight {weight:+d} counts nothing while it is {_up(check)}"
    return f"{told}; {_turns(check)}"


def _turns(check: Watched) -> str:
    """Say which results change the verdict."""
    seen, rules = check.seen, check.rules
    if seen.up is None:
        return "its first result decides"
    word, needed, key = ("failure", rules.fall, "fall") if seen.up else ("pass", rules.rise, "rise")
    fact = ", or at once by a fact" if rules.max_age is None else ""
    done = f"{seen.streak} of " if seen.streak else ""
    turn = "down" if seen.up else "up"
    return f"{turn} after {done}{times(needed, word)} in a row (`{key}: {needed}`){fact}"
