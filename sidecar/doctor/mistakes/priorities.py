"""Priorities and weights that cannot move the VIP."""

from collections.abc import Iterator

from sidecar.core.params import RouterParams
from sidecar.core.priorities import HIGHEST_FIT, LOWEST_FIT
from sidecar.core.router.leverage import Leverage
from sidecar.doctor.evidence import Evidence
from sidecar.doctor.problem import Problem, Severity, Unseen


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Compare the priority of the master, and of hosts that tell their status, with ours and our weights."""
    if isinstance(evidence.air, Unseen):
        yield evidence.air
        return
    for router in evidence.routers:
        rivals = dict(_rivals(router, evidence))
        equal = [who for who, priority in rivals.items() if priority == router.priority]
        if equal:
            yield _equal(router, equal[0])
        yield from _weights(router, evidence)


def _rivals(router: RouterParams, evidence: Evidence) -> Iterator[tuple[str, int]]:
    """Yield other hosts with the priority that they are known to have while they are well."""
    for heard, advert in evidence.masters(router):
        if LOWEST_FIT < advert.priority <= HIGHEST_FIT:
            yield str(heard.packet.source), advert.priority
    running = evidence.running
    for node in [] if running is None else running.after.get("nodes", []):
        for told in node["virtual_routers"]:
            if told["vrid"] == router.vrid and told["name"] == router.name:
                yield node["url"], told["priority"]["configured"]


def _equal(router: RouterParams, who: str) -> Problem:
    lower = router.priority - 10 if router.priority > 10 else router.priority + 10  # noqa: PLR2004
    return Problem(
        router.name,
        Severity.WARNING,
        f"{who} has the same priority, {router.priority}",
        f"{who} says {router.priority}, and the file here says {router.priority}",
        "the addresses of the hosts decide who serves, not you, and a weight moves the VIP at once",
        f"PRIORITY={lower}   # on one of the hosts",
    )


def _weights(router: RouterParams, evidence: Evidence) -> Iterator[Problem]:
    reach = sum(map(abs, router.weights))
    for heard, advert in evidence.masters(router):
        if Leverage(router).weigh(heard.packet.source, advert.priority):
            needed = advert.priority - router.best + 1
            yield Problem(
                router.name,
                Severity.WARNING,
                f"the weights cannot move the VIP: they add up to {reach}",
                f"{heard.packet.source} advertises {advert.priority}, and this host reaches {router.best}",
                "a host that loses every weighted check stays MASTER",
                f"weight: {-needed}   # or less, for one of the checks; {needed} or more in all",
            )
            return
