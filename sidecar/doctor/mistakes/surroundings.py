"""Other managers of the host: a network manager that removes the VIP, a clock that nobody sets."""

from collections.abc import Iterator

from sidecar.doctor.evidence import Evidence
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
    if isinstance(evidence.removed, Unseen):
        yield evidence.removed
        return
    for router in evidence.routers:
        removals, device = evidence.removed.get(router.name), evidence.device(router)
        if removals is not None:
            leased = device is not None and device.leased
            name = router.interface if device is None else device.name
            yield Problem(
                router.name,
                Severity.WARNING,
                f"something else removes the VIP from {name}",
                f"{removals.times} times within a day, the last time {duration(removals.age)} ago"
                + (f"; {name} has an address by DHCP, so a network manager is at work" if leased else ""),
                "the sidecar puts it back at once, and visitors lose what is under way each time",
                "KeepConfiguration=yes   # [Network] of the interface's .network file (systemd-networkd)",
            )
