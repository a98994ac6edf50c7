"""Findings about the other hosts, from their records: two holders of a VIP, a host that is silent, drift."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from math import inf
from typing import Final

from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.state import State
from sidecar.telemetry.lan.evidence import WORD
from sidecar.telemetry.lan.picture import LanPicture
from sidecar.telemetry.node_document import Address
from sidecar.telemetry.node_record import NodeRecord

TOGETHER: Final = 1.0
"""Seconds for which two hosts must have a VIP at once. When it moves they may, for some milliseconds."""
PATIENCE: Final = 30.0
"""Seconds after which a host that is silent, or cannot serve, is a reason to look. A restart takes less."""

_IPV4: Final = 4


class Kind(StrEnum):
    """The kinds of findings."""

    TWO_HOLDERS = "two_holders"
    SILENT = "silent"
    UNABLE = "unable"
    DRIFT = "drift"


@dataclass(frozen=True, slots=True)
class NodeFinding:
    """One finding. Two holders are a fault, all else a reason to look. `url` is that of the other host."""

    kind: Kind
    url: str
    sentence: str

    @property
    def fault(self) -> bool:
        """Whether the service is broken now."""
        return self.kind is Kind.TWO_HOLDERS


@dataclass(frozen=True, slots=True)
class _Claim:
    """A host that has a VIP, known for the time from `first` to `last`."""

    host: str
    url: str
    address: Address
    vrid: int
    first: float
    last: float


def findings(
    nodes: Iterable[NodeRecord],
    routers: Iterable[RouterSnapshot],
    config_hash: str,
    now: float,
    lan: LanPicture,
    clock: Callable[[float], str],
) -> tuple[NodeFinding, ...]:
    """Return what is to be said of the other hosts, worst first. `routers` are those of this host.

    While the protocol loop of this host is stuck, its own claims are to be left out. `clock` makes of a time
    of the core's clock what people read.
    """
    nodes = tuple(nodes)
    return (
        *_two_holders(nodes, routers, now),
        *_silent(nodes, now, lan, clock),
        *_unable(nodes, now),
        *_drift(nodes, config_hash),
    )


def _two_holders(
    nodes: tuple[NodeRecord, ...], routers: Iterable[RouterSnapshot], now: float
) -> Iterator[NodeFinding]:
    ours = [
        _Claim("this host", "", vip.ip, router.vrid, router.since, now)
        for router in routers
        if router.state is State.MASTER
        for vip in router.owned
    ]
    theirs = [
        _Claim(name(node), node.url, hold.address, hold.vrid, hold.first, hold.last)
        for node in nodes
        for hold in node.holds
    ]
    told = set[tuple[Address, str, str]]()
    for one, other in combinations((*ours, *theirs), 2):
        key = one.address, one.url, other.url
        if key not in told and one.url != other.url and _same(one, other):
            seconds = min(one.last, other.last) - max(one.first, other.first)
            if seconds >= TOGETHER:
                told.add(key)
                yield NodeFinding(Kind.TWO_HOLDERS, other.url, _two(one, other, seconds))


def _same(one: _Claim, other: _Claim) -> bool:
    """Whether both have one address. Each LAN has its own link-local ones."""
    return one.address == other.address and (not one.address.is_link_local or one.vrid == other.vrid)


def _two(one: _Claim, other: _Claim, seconds: float) -> str:
    vrids = (
        "see that VRRP (IP protocol 112) passes between them in both directions"
        if one.vrid == other.vrid
        else f"give both the same VRID ({one.host} has {one.vrid}, {other.host} has {other.vrid})"
    )
    return (
        f"{one.address} is held by two hosts: {one.host} and {other.host}, for {seconds:.0f} s at least; "
        f"{vrids}"
    )


def _silent(
    nodes: Iterable[NodeRecord], now: float, lan: LanPicture, clock: Callable[[float], str]
) -> Iterator[NodeFinding]:
    for node in nodes:
        silence = now - max(node.read_at, node.began)
        if silence >= PATIENCE:
            sentence = (
                f"{name(node)} has not told its status for {silence:.0f} s: {node.fault}"
                f"{_signs(node, now, lan, clock)}"
            )
            yield NodeFinding(Kind.SILENT, node.url, sentence)


def _signs(node: NodeRecord, now: float, lan: LanPicture, clock: Callable[[float], str]) -> str:
    """Say of a host that answers nothing whether it is heard on the LAN: it is another fault then.

    Only where that is known: a host on another network was never heard here, and the questions of a standby
    for IPv6 VIPs are not.
    """
    heard = [mac for mac in (() if node.told is None else node.told.macs) if lan.alive.get(mac, -inf) > -inf]
    if not node.silent or not heard or not lan.macs:
        return ""
    mac = max(sorted(heard), key=lan.alive.__getitem__)
    alive = lan.alive[mac]
    if now - alive <= WORD:
        return f"; its VRRP or ARP is still heard ({mac}): see what drops TCP to that port on its way there"
    if lan.virtual_macs_heard or not _has_ipv4(node):
        return ""  # it may be of that host, or would not be heard
    since = clock(max(alive, node.read_at))
    return (
        f"; nothing heard of it ({mac}) since {since}, by VRRP and ARP neither: see whether it is up, then "
        "the cable, the switch and the packet filters between the hosts"
    )


def _has_ipv4(node: NodeRecord) -> bool:
    routers = () if node.told is None else node.told.routers
    return any(address.version == _IPV4 for router in routers for address in router.addresses)


def _unable(nodes: Iterable[NodeRecord], now: float) -> Iterator[NodeFinding]:
    """Hosts that answer, and could not take over."""
    for node in nodes:
        if node.fault or node.told is None or now - max(node.able_at, node.began) < PATIENCE:
            continue
        # A drain is why its routers are unfit, whatever its checks say.
        drained = [] if node.told.drained is None else [node.told.drained]
        whys = drained + [
            f"{router.name} is {router.state}: {router.reason}"
            if router.fit
            else f"{router.name} is unfit and contends at priority {router.effective}"
            for router in node.told.routers
            if not router.able and not (drained and not router.fit)
        ]
        why = "; ".join(whys) if node.told.alive else "its protocol loop does not run"
        yield NodeFinding(Kind.UNABLE, node.url, f"{name(node)} is no standby: {why}")


def _drift(nodes: Iterable[NodeRecord], config_hash: str) -> Iterator[NodeFinding]:
    for node in nodes:
        if node.told is not None and not node.fault and node.told.config_hash != config_hash:
            sentence = (
                f"the configuration of {name(node)} differs from this one in what all hosts must have in "
                f"common (hash {node.told.config_hash} there, {config_hash} here): compare VRIDs, version, "
                "advert_interval, addresses, unicast peers, auth and sync_groups"
            )
            yield NodeFinding(Kind.DRIFT, node.url, sentence)


def name(node: NodeRecord) -> str:
    """Return how a host is called in a sentence."""
    return node.url if node.told is None else f"{node.told.node} ({node.url})"
