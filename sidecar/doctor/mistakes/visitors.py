"""A check that passes where visitors do not come: its request, sent to the VIP, has another answer."""

from collections.abc import Iterator

from sidecar.doctor.evidence import Evidence, Visit
from sidecar.doctor.problem import Problem, Severity, Unseen


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Compare the answers to a check's request at the VIP with what the check expects, if it is up."""
    if evidence.running is None:
        yield Unseen("no sidecar runs here, so nobody has to answer at the VIP yet")
        return
    up = {check["name"] for check in evidence.running.after["checks"] if check["up"]}
    for visit in evidence.visits:
        if visit.check in up and not visit.passed:
            router = next(
                (r.name for r in evidence.routers if visit.address in {vip.ip for vip in r.addresses}), ""
            )
            yield _problem(router, visit)


def _problem(router: str, visit: Visit) -> Problem:
    where = "on this host" if visit.local else "over the network"
    mend = (
        "compare `server_name`, `listen` and certificate of the server that answers "
        f"{visit.address}:{visit.port} with the request of check {visit.check}"
        if visit.connected
        else f"listen {visit.port};   # in nginx.conf, instead of an address; and open the port "
        "in the firewall"
    )
    return Problem(
        router,
        Severity.FAULT,
        f"check {visit.check} is up, and the same request to the VIP fails",
        f"asked {where} at {visit.address} port {visit.port}: {visit.detail}",
        "the check proves something that visitors do not see: another address, another virtual "
        "host, or a firewall",
        mend,
    )
