"""From what was overheard to findings. Pure.

A planned move is no finding: two hosts advertise one after the other, with at most one advert of the old one
after the first of the new one. What was heard is up to a second older than it seems: so often it is read.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Final

from sidecar.core.address import Vip
from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.state import State
from sidecar.core.wire.captured import Word
from sidecar.core.wire.room import may_be_cut
from sidecar.telemetry.lan import sentences
from sidecar.telemetry.lan.evidence import WORD
from sidecar.telemetry.lan.finding import LanFinding, LanKind
from sidecar.telemetry.lan.picture import LATE, AdvertsHeard, LanPicture, WordHeard

GRACE: Final = 1.0 + LATE
"""Seconds after a change within which what was heard may be of before."""
LISTENED: Final = 5.0
"""Seconds of listening after which every master that advertises must have been heard."""

_VIRTUAL: Final = {4: "00:00:5e:00:01", 6: "00:00:5e:00:02"}

Clock = Callable[[float], str]
"""From a time of the core's clock to what people read."""


def lan_findings(
    lan: LanPicture, routers: Iterable[RouterSnapshot], now: float, clock: Clock
) -> tuple[LanFinding, ...]:
    """Return what is to be said of the LAN of these routers of this host, for each router the worst first."""
    return tuple(found for router in routers for found in _of_router(router, lan, now, clock))


def _of_router(router: RouterSnapshot, lan: LanPicture, now: float, clock: Clock) -> Iterator[LanFinding]:
    # First: what a second program of this host does to the VIP looks like two holders.
    yield from _other_speaker(router, lan, now)
    holders = tuple(_holders(router, lan, now))
    yield from holders
    yield from _answered(router, lan, now, {found.mac for found in holders})
    yield from _two_speakers(router, lan, now)
    yield from _silent(router, lan, now, clock)


def _together(one_began: float, one_last: float, other: AdvertsHeard) -> bool:
    """Whether adverts came while somebody else served, for longer than a planned move takes."""
    return min(one_last, other.last) - max(one_began, other.began) >= 2 * other.interval + LATE


# ---- two holders


def _holders(router: RouterSnapshot, lan: LanPicture, now: float) -> Iterator[LanFinding]:
    others = tuple(lan.others(router, now))
    if router.state is State.MASTER and router.owned:
        told = set[str]()
        for each in others:
            if each.mac not in told and _together(router.since, now, each):
                told.add(each.mac)
                sentence = sentences.held_here_too(router, each)
                yield LanFinding(LanKind.TWO_HOLDERS, router.name, sentence, each.source, each.mac)
        return
    for one, other in combinations(others, 2):
        shared = set(one.advert.addresses) & set(other.advert.addresses)
        apart = one.source != other.source
        if (
            apart
            and shared
            and _together(one.began, one.last, other)
            and _together(other.began, other.last, one)
        ):
            sentence = sentences.held_by_two_others(router, one, other)
            yield LanFinding(LanKind.TWO_HOLDERS, router.name, sentence, other.source, other.mac)
            return


# ---- words of machines whose adverts do not arrive


def _answered(
    router: RouterSnapshot, lan: LanPicture, now: float, told: set[str | None]
) -> Iterator[LanFinding]:
    if now - lan.since < LISTENED:
        return
    for said in lan.words:
        if said.word is not Word.CLAIMS or now - said.last > WORD or said.mac in told:
            continue
        if said.interface != router.interface or said.mac in lan.own:
            continue
        vip = next((each for each in router.vips if each.ip == said.address), None)
        if vip is not None and (found := _judge(router, lan, vip, said, now)) is not None:
            told.add(said.mac)
            yield found


def _judge(
    router: RouterSnapshot, lan: LanPicture, vip: Vip, said: WordHeard, now: float
) -> LanFinding | None:
    """Return the finding if that machine had the VIP although another one has it."""
    course, sender = lan.courses.get(router.name), lan.of_mac(said.mac)
    changed = router.since if course is None else max(course.changed, router.since)
    serves = router.state is State.MASTER and vip in router.owned
    if serves and said.last < router.since + GRACE:
        return None
    if sender is not None:
        # Where its adverts arrive, these tell whether it serves. A backup hears its master say so.
        if not serves or sender.advertised >= said.last - 3.5 * router.contention.interval - 0.5 - LATE:
            return None
        sentence = sentences.held_by_unheard(router, vip, sender.source, said.mac)
        return LanFinding(LanKind.TWO_HOLDERS, router.name, sentence, sender.source, said.mac)
    if not serves:
        by_master = said.mac == f"{_VIRTUAL[router.family]}:{router.vrid:02x}"
        if by_master or now - max(said.began, changed) < GRACE or said.last < changed + GRACE:
            return None
    sentence = sentences.answered(router, vip, said.mac)
    return LanFinding(LanKind.VIP_ANSWERED, router.name, sentence, None, said.mac)


# ---- two programs of one host


def _other_speaker(router: RouterSnapshot, lan: LanPicture, now: float) -> Iterator[LanFinding]:
    course = lan.courses.get(router.name)
    changed = router.since if course is None else max(course.changed, router.since)
    for each in lan.adverts:
        lasting = each.last - each.began >= 1.0 and each.last >= changed + GRACE
        current = now - each.last <= each.patience
        if each.outgoing and each.concerns(router) and lasting and current and not _ours(router, each):
            sentence = sentences.other_speaker(router, each)
            yield LanFinding(LanKind.OTHER_SPEAKER, router.name, sentence, each.source)
            return


def _ours(router: RouterSnapshot, heard: AdvertsHeard) -> bool:
    """Whether they are those of the router itself. Of many VIPs they name as many as fit into a packet."""
    advert, named, ours = heard.advert, set(heard.advert.addresses), {vip.ip for vip in router.vips}
    return (
        router.state is State.MASTER
        and (advert.vrid, advert.version, advert.priority)
        == (router.vrid, router.version, router.effective_priority)
        and (named == ours or (named < ours and may_be_cut(len(named), router.family)))
    )


def _two_speakers(router: RouterSnapshot, lan: LanPicture, now: float) -> Iterator[LanFinding]:
    for one, other in combinations(lan.others(router, now), 2):
        same = (one.source, one.mac) == (other.source, other.mac)
        if same and _together(one.began, one.last, other) and _together(other.began, other.last, one):
            sentence = sentences.two_speakers(router, one, other)
            yield LanFinding(LanKind.TWO_SPEAKERS, router.name, sentence, one.source, one.mac)
            return


# ---- nothing at all


def _silent(router: RouterSnapshot, lan: LanPicture, now: float, clock: Clock) -> Iterator[LanFinding]:
    course = lan.courses.get(router.name)
    if course is None or course.lost is None or router.state is not State.MASTER:
        return
    sender = lan.of_source(course.lost)
    alive = course.lost_at if sender is None else max(course.lost_at, sender.alive)
    # A packet of before the takeover may have been read after it, and one of after it may not be read yet.
    if alive - LATE > router.since or now - router.since < GRACE + LATE:
        return
    mac = None if sender is None else sender.mac
    sentence = sentences.silent(router, course.lost, mac, clock(alive))
    yield LanFinding(LanKind.SILENT_MASTER, router.name, sentence, course.lost, mac)
