"""Another VRRP program on this host, such as a keepalived that is still enabled."""

from collections.abc import Iterator

from sidecar.core.params import RouterParams
from sidecar.core.wire.advert import Advert
from sidecar.doctor.evidence import Evidence, Heard, Running, Speaker
from sidecar.doctor.problem import Problem, Severity, Unseen

_KEEPALIVED = "systemctl disable --now keepalived"


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Look for adverts of this host that are not the sidecar's, and for sockets that could send some."""
    speakers = evidence.speakers
    programs = () if isinstance(speakers, Unseen) else speakers
    if isinstance(evidence.air, Unseen):
        yield evidence.air
    else:
        for router in evidence.routers:
            for heard, advert in _foreign(router, evidence):
                yield _speaks(router, heard, advert, programs)
                break
    if isinstance(speakers, Unseen):
        yield speakers
    elif speakers:
        yield _listens(speakers)


def _foreign(router: RouterParams, evidence: Evidence) -> Iterator[tuple[Heard, Advert]]:
    """Yield what leaves this host with the VRID or a VIP of this router, and is not the sidecar's."""
    vips = {vip.ip for vip in router.addresses}
    for heard in evidence.heard(router, outgoing=True):
        advert = heard.advert
        concerns = advert is not None and (
            advert.vrid == router.vrid or not vips.isdisjoint(advert.addresses)
        )
        if advert is not None and concerns and not _is_ours(advert, router, evidence.running):
            yield heard, advert


def _is_ours(advert: Advert, router: RouterParams, running: Running | None) -> bool:
    """Whether the running sidecar can have sent this: as MASTER, or as it resigned."""
    if running is None:
        return False
    both = running.router(router.name)
    same = (
        advert.vrid == router.vrid
        and advert.version == router.version
        and set(advert.addresses) == {vip.ip for vip in router.addresses}
    )
    if not same or not both:
        return False
    priorities = {told["priority"]["effective"] for told in both}
    # Its priority may have changed twice meanwhile: an election is no time for a verdict.
    changed = both[0]["since"] != both[-1]["since"] or len(priorities) > 1
    return changed or advert.priority == 0 or (running.spoke(router.name) and advert.priority in priorities)


def _speaks(router: RouterParams, heard: Heard, advert: Advert, programs: tuple[Speaker, ...]) -> Problem:
    named = _named(programs)
    return Problem(
        router.name,
        Severity.FAULT,
        f"{named or 'another program'} on this host advertises {router.name}, too",
        f"{heard.count} adverts left {heard.packet.interface} from {heard.packet.source} with "
        f"VRID {advert.vrid}, priority {advert.priority}, addresses "
        f"{', '.join(map(str, advert.addresses[:4]))}",
        "two programs add and remove the same address, and neither hears the other",
        _mend(programs),
    )


def _listens(speakers: tuple[Speaker, ...]) -> Problem:
    return Problem(
        "",
        Severity.WARNING,
        f"{_named(speakers) or 'another program'} has VRRP sockets on this host",
        f"raw sockets of IP protocol 112 that are not the sidecar's: {len(speakers)} (/proc/net/raw, raw6)",
        "if it has the same VRID or VIP, it takes the address when its own election says so; for "
        "other virtual routers it may stay",
        _mend(speakers),
    )


def _named(speakers: tuple[Speaker, ...]) -> str:
    known = sorted({f"{each.program} (pid {each.pid})" for each in speakers if each.program})
    return ", ".join(known[:3])


def _mend(speakers: tuple[Speaker, ...]) -> str:
    programs = {each.program for each in speakers if each.program}
    if programs and not any("keepalived" in program for program in programs):
        pids = sorted({each.pid for each in speakers if each.pid is not None})
        return f"stop {', '.join(sorted(programs))}: kill {' '.join(map(str, pids))}, and what starts it"
    return _KEEPALIVED
