"""Other managers of the host: a network manager that removes the VIP, a clock that nobody sets."""

from collections.abc import Iterator, Mapping

from sidecar.core.params import RouterParams
from sidecar.core.router.address_conflict import KEEPS_REMOVING
from sidecar.doctor.evidence import Evidence, Removals
from sidecar.doctor.problem import Problem, Severity, Unseen
from sidecar.telemetry.plain_words import duration


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Look at addresses that others have removed, and at the clock where adverts are signed."""
    yield from _removed(evidence)
    signed = [router.name for router in evidence.routers if router.hmac is not None]
    if not signed:
        return
    if isinstance(evidence.synchronised, Unseen):
        yield evidence.synchronised
    elif not evidence.synchronised:
        yield Problem(
            signed[0],
            Severity.WARNING,
            "the clock of this host is not synchronised",
            "adjtimex(2) says STA_UNSYNC",
            "signed adverts of a clock that is off by more than the window are refused, and both hosts serve",
            "systemctl enable --now chrony   # or systemd-timesyncd, ntp",
        )


def _removed(evidence: Evidence) -> Iterator[Problem | Unseen]:
    seen: Mapping[str, Removals] = {}
    if isinstance(evidence.removed, Unseen):
        yield evidence.removed
    else:
        seen = evidence.removed
    for router in evidence.routers:
        removals, device = seen.get(router.name), evidence.device(router)
        given_up = _given_up(router, evidence)
        if removals is not None or given_up:
            leased = device is not None and device.leased
            name = router.interface if device is None else device.name
            times = (
                "for the FAULT, ten times within a minute"
                if removals is None
                else f"{removals.times} times within a day, the last time {duration(removals.age)} ago"
            )
            yield Problem(
                router.name,
                Severity.FAULT if given_up else Severity.WARNING,
                f"something else removes the VIP from {name}",
                times
                + (f"; {name} has an address by DHCP, so a network manager is at work" if leased else ""),
                "the router is in FAULT, and asks for the VIP again when this host would serve"
                if given_up
                else "the sidecar puts it back at once, and visitors lose what is under way each time",
                "KeepConfiguration=yes   # [Network] of the interface's .network file (systemd-networkd)",
            )


def _given_up(router: RouterParams, evidence: Evidence) -> bool:
    """Whether it is in FAULT for that. Nothing is removed then, for longer than removals are remembered."""
    told = () if evidence.running is None else evidence.running.router(router.name)
    return any(each["state"] == "FAULT" and KEEPS_REMOVING in each["reason"] for each in told[-1:])
