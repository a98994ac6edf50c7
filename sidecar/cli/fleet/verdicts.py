"""One verdict for each virtual router over its hosts. Pure.

Hosts share a virtual router if labels `site` and `cluster`, VRID and family are the same, and the name where
a host has that VRID on two interfaces; without a label `cluster`, if they have the same VIPs, too. A host
that is unreadable belongs to every router of its cluster. A VIP that two hosts have is one VIP all the same,
whatever VRID and list it has on each.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from sidecar.cli.fleet.poll import Answer
from sidecar.cli.fleet.word import Word
from sidecar.core.state import State
from sidecar.telemetry.node_document import DrainTold, NodeTold, RouterTold

LATELY: Final = 600.0
"""Seconds for which a router that moved says so."""
Address = IPv4Address | IPv6Address
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One virtual router: its place, what it is called, its VIPs, and the verdict with a sentence.

    `answers` are those of its hosts, `key` is the same for the same router in every judgement.
    """

    site: str
    cluster: str
    name: str
    vrid: int | None
    addresses: tuple[Address, ...]
    word: Word
    sentence: str
    answers: tuple[Answer, ...]
    key: Key

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of its hosts."""
        return tuple(answer.name for answer in self.answers)

    @property
    def doubtful(self) -> bool:
        """Whether hosts that were asked one after the other can only have seemed so."""
        return self.word <= Word.NO_MASTER


@dataclass(frozen=True, slots=True)
class Member:
    """A host with what it tells of this router."""

    answer: Answer
    told: NodeTold
    router: RouterTold

    @property
    def holds(self) -> bool:
        """Whether its kernel has a VIP. A loop that is stuck has lost it."""
        return self.told.alive and bool(self.router.owned)

    @property
    def ready(self) -> bool:
        """Whether it would take over and serve well."""
        return (
            self.told.alive
            and not self.told.stopping
            and self.told.drain is None
            and self.router.state is State.BACKUP
            and self.router.fit
        )


def judge(answers: Iterable[Answer], now: float) -> tuple[Judged, ...]:
    """Return the verdict on every router, the worst first. `now` is Unix time."""
    members: dict[Key, list[Member]] = {}
    lost: dict[tuple[str, str], list[Answer]] = {}
    answers = tuple(_told_apart(answers))
    by_name = _repeated(answers)
    for answer in answers:
        place = (answer.target.site, answer.target.cluster)
        if answer.told is None:
            lost.setdefault(place, []).append(answer)
            continue
        for router in answer.told.routers:
            key = (*place, *_identity(router, place[1]))
            members.setdefault((*key, router.name) if key in by_name else key, []).append(
                Member(answer, answer.told, router)
            )
    held = _held(each for group in members.values() for each in group)
    judged = [_judged(key, each, held, lost, now) for key, each in members.items()]
    judged += _unknown(lost, {(each.site, each.cluster) for each in judged if each.cluster})
    return worst_first(judged)


def _told_apart(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Yield them, hosts that call themselves alike with the address at which each was asked."""
    answers = tuple(answers)
    names = Counter((each.target.site, each.target.cluster, each.name) for each in answers)
    for each in answers:
        if each.told is not None and names[each.target.site, each.target.cluster, each.name] > 1:
            told = replace(each.told, node=f"{each.name} ({each.target.address})")
            yield replace(each, told=told)
        else:
            yield each


def _repeated(answers: Iterable[Answer]) -> set[Key]:
    """Return what does not tell routers apart: a host may have one VRID on each of its interfaces."""
    return {
        key
        for answer in answers
        if answer.told is not None
        for key, number in Counter(
            (answer.target.site, answer.target.cluster, *_identity(router, answer.target.cluster))
            for router in answer.told.routers
        ).items()
        if number > 1
    }


def worst_first(judged: Iterable[Judged]) -> tuple[Judged, ...]:
    """Return them in the order in which people read them."""
    return tuple(sorted(judged, key=lambda each: (each.word, each.site, each.cluster, each.name)))


def code(judged: Iterable[Judged]) -> int:
    """Return the exit code: that of the worst verdict."""
    return min(judged, key=lambda each: each.word).word.code


def _identity(router: RouterTold, cluster: str) -> tuple[object, ...]:
    family = router.addresses[0].version if router.addresses else 0
    return (router.vrid, family) if cluster else (router.vrid, family, frozenset(router.addresses))


def _held(members: Iterable[Member]) -> dict[Key, list[Member]]:
    """Return who has each VIP, whatever router it is of.

    Without a label `cluster` hosts of another network may have that address, so the VRID must be the same.
    """
    held: dict[Key, list[Member]] = {}
    for member in members:
        if member.holds:
            for address in member.router.owned:
                held.setdefault(_vip(member, address), []).append(member)
    return held


def _vip(member: Member, address: Address) -> Key:
    """Return what tells this VIP from others. Each LAN has its own link-local ones, and so has each VRID."""
    target, vrid = member.answer.target, member.router.vrid
    any_vrid = target.cluster and not address.is_link_local
    return target.site, target.cluster, address, None if any_vrid else vrid


def _rivals(members: list[Member], held: dict[Key, list[Member]]) -> list[Member]:
    """Return the hosts that have a VIP of this router in another one: with another VRID, or another list."""
    rivals: list[Member] = []
    for member in members:
        for address in sorted(member.router.owned, key=str) if member.holds else ():
            target = member.answer.target
            rivals += [
                each
                for each in held[_vip(member, address)]
                if each.answer.target != target and each not in (*members, *rivals)
            ]
    return rivals


def _judged(
    key: Key,
    members: list[Member],
    held: dict[Key, list[Member]],
    lost: dict[tuple[str, str], list[Answer]],
    now: float,
) -> Judged:
    target, router = members[0].answer.target, members[0].router
    silent = lost.get((target.site, target.cluster), []) if target.cluster else []
    rivals = _rivals(members, held)
    word, sentence = _verdict(members, rivals, silent, now)
    answers = (*(member.answer for member in (*members, *rivals)), *silent)
    return Judged(
        target.site, target.cluster, router.name, router.vrid, router.addresses, word, sentence, answers, key
    )


def _unknown(lost: dict[tuple[str, str], list[Answer]], known: set[tuple[str, str]]) -> Iterator[Judged]:
    """Yield what cannot be attributed to a router: every host of its cluster is unreadable."""
    for (site, cluster), answers in lost.items():
        if (site, cluster) not in known:
            for answer in answers:
                key = (site, cluster, answer.target)
                yield Judged(site, cluster, "?", None, (), Word.UNREADABLE, _why(answer), (answer,), key)


def _verdict(
    members: list[Member], rivals: list[Member], silent: list[Answer], now: float
) -> tuple[Word, str]:
    holders = [member for member in members if member.holds]
    if doubled := _doubled(holders, rivals):
        return Word.TWO_MASTERS, _two([*holders, *rivals], doubled)
    if silent:
        served = f"{holders[0].answer.name} serves; " if holders else "nobody else serves; "
        return Word.UNREADABLE, served + "; ".join(map(_why, silent))
    if not holders:
        return Word.NO_MASTER, "; ".join(map(_state, members))
    return _served(holders[0], [member for member in members if member is not holders[0]], now)


def _served(holder: Member, others: list[Member], now: float) -> tuple[Word, str]:
    """Judge a router that one host serves and of which every host has told."""
    name, router = holder.answer.name, holder.router
    waiting = "; ".join(map(_state, others)) or "no other host is listed"
    if holder.told.drain is not None:
        return Word.DEGRADED, f"{name} serves although it is {_drained(holder.told.drain)}; {waiting}"
    if not router.fit:
        return Word.DEGRADED, f"{name} serves although its checks fail (priority {router.effective})"
    if missing := set(router.addresses) - router.owned:
        return Word.DEGRADED, f"{name} serves without {_listed(missing)}"
    drained = [member for member in others if member.told.drain is not None]
    if not any(member.ready for member in others):
        everybody = bool(drained) and len(drained) == len(others)
        return Word.DRAINED if everybody else Word.NO_STANDBY, f"{name} serves; {waiting}"
    if any(member.told.config_hash != holder.told.config_hash for member in others):
        hashes = ", ".join(f"{each.answer.name} {each.told.config_hash}" for each in (holder, *others))
        return Word.DRIFT, f"{name} serves; the hosts are configured differently: {hashes}"
    if drained:
        return Word.DRAINED, f"{name} serves; " + "; ".join(map(_state, drained))
    if 0 <= now - router.since < LATELY:
        return Word.MOVED, f"{name} serves for {now - router.since:.0f} s: {router.reason}"
    return Word.OK, f"{name} serves"


def _doubled(holders: list[Member], rivals: list[Member]) -> str:
    """Return the VIPs of the holders that more than one host has."""
    counted = Counter(address for member in (*holders, *rivals) for address in member.router.owned)
    ours = {address for member in holders for address in member.router.owned}
    return _listed(address for address in ours if counted[address] > 1)


def _two(holders: list[Member], doubled: str) -> str:
    names = " and ".join(member.answer.name for member in holders)
    vrids = {member.router.vrid for member in holders}
    if len(vrids) == 1:
        return f"{names} have {doubled}; vip-sidecar status on both"
    told = ", ".join(f"{member.answer.name} has {member.router.vrid}" for member in holders)
    return f"{names} have {doubled}; give all the same VRID ({told})"


def _state(member: Member) -> str:
    """Return why a host does not serve, or would not."""
    name, router = member.answer.name, member.router
    if not member.told.alive:
        return f"{name} is stuck"
    if member.told.stopping:
        return f"{name} is stopping"
    if member.told.drain is not None:
        return f"{name} is {_drained(member.told.drain)}"
    if not router.fit:
        return f"{name} is unfit (priority {router.effective}, not {router.priority})"
    return f"{name} is {router.state}: {router.reason}"


def _drained(drain: DrainTold) -> str:
    return drain.why or "drained"


def _why(answer: Answer) -> str:
    return f"{answer.name} is unreadable: {answer.fault}"


def _listed(addresses: Iterable[Address]) -> str:
    return ", ".join(sorted(map(str, addresses)))
