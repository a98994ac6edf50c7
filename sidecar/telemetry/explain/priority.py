"""The effective priority as a sum, each of its terms with its origin."""

from sidecar.core.priorities import HIGHEST_FIT, LOWEST_FIT, OWNER, UNFIT_PRIORITY
from sidecar.core.state import State
from sidecar.telemetry.explain.document import Sum, Term
from sidecar.telemetry.explain.subject import Subject, Watched
from sidecar.telemetry.explain.words import clock


def priority(of: Subject) -> Sum:
    """Return the effective priority and what it is made of."""
    router = of.router
    terms, why = _terms(of)
    return {
        "configured": router.priority,
        "effective": router.effective_priority,
        "terms": terms,
        "sentence": f"{router.effective_priority} = {why}",
    }


def weighs(check: Watched, of: Subject) -> int:
    """Return what a check with a weight adds now; 0 for one that is required, or does not count yet."""
    weight = check.rules.weight
    if weight is None or check.rules.name in of.router.judged.awaited:
        return 0
    return weight if (check.seen.up is True) is (weight > 0) else 0


def downs(of: Subject) -> list[Watched]:
    """Return the required checks that make the host unfit."""
    waiting = of.router.judged.awaited
    return [
        check
        for check in of.checks
        if check.rules.weight is None and check.seen.up is not True and check.rules.name not in waiting
    ]


def _terms(of: Subject) -> tuple[list[Term], str]:
    router, now = of.router, of.router.effective_priority
    told = _instead(of)
    if told:
        return [{"value": now, "origin": told}], told
    configured: Term = {"value": router.priority, "origin": "configured: `priority` in the file"}
    if router.priority == OWNER:
        why = "configured: this host owns the addresses, so no weight counts"
        return [{"value": OWNER, "origin": why}], f"{OWNER} {why}"
    counted = [(weighs(check, of), check.rules.name) for check in of.checks if check.rules.weight is not None]
    weights: list[Term] = [
        {"value": weight, "origin": f"weight of check {name}"} for weight, name in counted if weight
    ]
    terms = [configured, *weights]
    total = router.priority + sum(weight for weight, _ in counted)
    within = min(HIGHEST_FIT, max(LOWEST_FIT, total)) if weights else total
    if within != now:
        # Checks and router are told apart: between the two messages they may not agree.
        why = "as the router says; what has just changed is being judged"
        return [{"value": now, "origin": why}], why
    if within != total:
        limits = f"weights move it within {LOWEST_FIT} to {HIGHEST_FIT}"
        terms.append({"value": within - total, "origin": limits})
    shown = f"{router.priority} configured"
    shown += "".join(f" {weight:+d} ({name})" for weight, name in counted if weight)
    shown += f", limited to {within}" if within != total else ""
    shown += "; no weight counts now" if counted and not weights else ""
    return terms, shown


def _instead(of: Subject) -> str:
    """Return why the configured priority and the weights do not count; "" if they do."""
    router, judged = of.router, of.router.judged
    if router.cannot_send and router.state is not State.MASTER:
        return "no other host can hear this one, and such a host contends below all others"
    if judged.drained:
        return "drained, and a drained host contends below all others"
    if judged.inherited_until is not None:
        until = clock(of.view.at_wall(judged.inherited_until), of.view.wall)
        return f"as the process before this one had, until all checks have a verdict, {until} at the latest"
    if not judged.fit and router.effective_priority == UNFIT_PRIORITY:
        names = ", ".join(check.rules.name for check in downs(of)) or "that is being judged"
        return f"unfit: a required check is not up ({names})"
    return ""
