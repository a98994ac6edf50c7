"""Changes of virtual routers. One with the same identity goes on, any other ends or begins."""

from collections.abc import Iterable, Iterator

from sidecar.core.address import Vip
from sidecar.core.health.params import DampingParams
from sidecar.core.params import HmacParams, NodeParams, RouterParams, Unicast
from sidecar.core.router.identity import identity, match
from sidecar.core.wire.hmac_key import HmacKey
from sidecar.plan.changes.change import NOBODY, Change, added, changed, removed
from sidecar.plan.changes.moved_vips import as_move
from sidecar.plan.changes.rule import differences, each, elsewhere, nested, secret, table, value
from sidecar.plan.changes.shown import centiseconds, seconds, shown

_SECTION = "virtual_routers"
_IDENTITY = {"interface": "interface", "family": "IP version", "vrid": "VRID", "version": "version"}
_EVERYWHERE = "hosts that have another one refuse the advertisements of each other: change all of them"


def router_changes(old: NodeParams, new: NodeParams) -> Iterator[Change]:
    """Yield what changes about the virtual routers and their groups."""
    matched = match(old.routers, new.routers)
    begun = {router.name: router for router in matched.begun}
    for router in matched.ended:
        successor = begun.pop(router.name, None)
        yield _ended(router) if successor is None else _replaced(router, successor)
    for router in begun.values():
        yield _begun(router)
    for before, after in matched.kept:
        for change in differences(f"{_SECTION}.{after.name}", before, after):
            yield as_move(change, after, matched)
    new_names = {before.name: after.name for before, after in matched.kept}
    groups = tuple(tuple(new_names.get(name, name) for name in group) for group in old.sync_groups)
    yield from _group_changes(groups, new.sync_groups)


def _group_changes(old: Iterable[tuple[str, ...]], new: Iterable[tuple[str, ...]]) -> Iterator[Change]:
    before, after = ({frozenset(group): group for group in groups} for groups in (old, new))
    for key, group in before.items():
        if key not in after:
            yield removed("sync_groups", "each of these routers moves by itself from now on", shown(group))
    for key, group in after.items():
        if key not in before:
            effect = "these routers move together from now on: one that is MASTER alone resigns"
            yield added("sync_groups", effect, shown(group))


def _ended(router: RouterParams) -> Change:
    effect = f"router {router.name} ends: {_vips(router)} from this host; if it is MASTER, it resigns"
    return removed(f"{_SECTION}.{router.name}", effect, _facts(router))


def _begun(router: RouterParams) -> Change:
    effect = f"router {router.name} begins as BACKUP: it follows a master, or takes over when none is heard"
    return added(f"{_SECTION}.{router.name}", effect, _facts(router))


def _replaced(old: RouterParams, new: RouterParams) -> Change:
    before, after = identity(old)._asdict(), identity(new)._asdict()
    other = [_IDENTITY.get(key, "virtual MAC") for key in before if before[key] != after[key]]
    verb = "changed" if len(other) == 1 else "change"
    effect = (
        f"router {new.name} ends here and begins anew, because its {' and '.join(other)} {verb}; if it is "
        "MASTER, it resigns and the backup serves"
    )
    if old.vrid != new.vrid or old.version != new.version or old.family != new.family:
        effect += "; hosts with the old one do not understand it: change all of them"
    return changed(f"{_SECTION}.{new.name}", effect, _facts(old), _facts(new))


def _facts(router: RouterParams) -> str:
    mac = ", virtual MAC" if router.virtual_mac else ""
    return f"VRID {router.vrid} on {router.interface}, IPv{router.family}, version {router.version}{mac}"


def _vips(router: RouterParams) -> str:
    count = len(router.addresses)
    return f"the VIP {router.addresses[0]} goes" if count == 1 else f"its {count} VIPs go"


def _vip_changes(path: str, old: tuple[Vip, ...], new: tuple[Vip, ...]) -> Iterator[Change]:
    here = f"{path}.addresses"
    before, after = {vip.ip: vip for vip in old}, {vip.ip: vip for vip in new}
    for ip, vip in before.items():
        if ip not in after:
            effect = f"the VIP {vip} goes from this host if it is MASTER, and its connections end"
            yield removed(here, effect, str(vip))
    for ip, vip in after.items():
        if ip not in before:
            effect = (
                f"the VIP {vip} appears on this host if it is MASTER; until the other hosts have it, too, "
                "they warn of another list"
            )
            yield added(here, effect, str(vip))
        elif before[ip] != vip:
            effect = "the VIP stays where it is; another subnet must be reached by its interface"
            yield changed(here, effect, str(before[ip]), str(vip))
    if list(before.items()) != list(after.items()) and set(old) == set(new):
        yield changed(here, f"only the order: {NOBODY}", shown(old), shown(new))


def _key_changes(path: str, old: tuple[HmacKey, ...], new: tuple[HmacKey, ...]) -> Iterator[Change]:
    before, after = {key.id: key for key in old}, {key.id: key for key in new}
    for number in before.keys() - after.keys():
        yield removed(f"{path}.hmac", f"key {number} verifies nothing any more", f"key {number}")
    for number, key in after.items():
        if number not in before:
            yield added(f"{path}.hmac", f"key {number} verifies from now on", f"key {number}")
        elif before[number].secret != key.secret:
            effect = f"key {number} was exchanged: hosts with the old one refuse what it signs"
            yield changed(f"{path}.hmac", effect)
    if old[0].id != new[0].id:
        effect = "hosts without the new key refuse the advertisements of this one"
        yield changed(f"{path}.hmac", effect, f"signed by key {old[0].id}", f"by key {new[0].id}")
    elif [*before] != [*after] and before.keys() == after.keys():
        yield changed(f"{path}.hmac", f"only the order: {NOBODY}", shown(before), shown(after))


def _priority(old: int, new: int) -> str:
    if new > old:
        return "the next advertisement says it; if this host is BACKUP and the best one now, it takes over"
    return "the next advertisement says it; if this host is MASTER and no longer the best one, the VIP moves"


table(
    RouterParams,
    name=value(
        "", "only the name: role and VIPs stay, series in metrics and lines in the log have the new one"
    ),
    interface=elsewhere,
    vrid=elsewhere,
    version=elsewhere,
    virtual_mac=elsewhere,
    priority=value("priority", _priority),
    addresses=_vip_changes,
    interval_cs=value(
        "advert_interval",
        "a crash is noticed accordingly later or earlier; hosts that have another one warn, and version 2 "
        "refuses: change all of them",
        centiseconds,
    ),
    preempt=value("preempt", "it counts when the master has a lower priority than this host"),
    preempt_delay=value(
        "preempt_delay", "it counts when the master has a lower priority than this host", seconds
    ),
    startup_delay=value(
        "startup_delay", "it counts from the start of the sidecar, until its first takeover", seconds
    ),
    refuse_answered=value("refuse_answered", "it counts until the first takeover after a start"),
    source=value("source", "the other hosts see this one under another address"),
    unicast=nested(
        "unicast",
        "advertisements go to these peers and no longer to the group: change all hosts within the time in "
        "which a backup takes over",
        "advertisements go to the group and no longer to peers: change all hosts within the time in which a "
        "backup takes over",
    ),
    v4_pseudo_header=value("v4_pseudo_header", _EVERYWHERE),
    password=secret("auth.pass", _EVERYWHERE),
    hmac=nested(
        "auth",
        "advertisements are authenticated from now on: hosts without a key refuse them or are refused",
        "advertisements are no longer authenticated: hosts that enforce it refuse them",
    ),
    accept=value("accept", "packets to the VIPs are accepted, or dropped, while this host is MASTER"),
    checks=each(
        "checks",
        "the router depends on it from now on",
        "the router no longer depends on it",
        order=f"only the order: {NOBODY}",
    ),
    weights=elsewhere,  # of the checks, which say so
    damping=nested(
        "damping",
        "a host that fails too often must not preempt for a while",
        "a host preempts as soon as its checks allow it; a hold-down ends now",
    ),
    hooks=nested(
        "hooks",
        "programs run when it moves; a takeover waits for `pre_acquire`, a planned move for `pre_release`",
        "no program is run and waited for any more when it moves",
    ),
    hosts=value(
        "hosts", "it counts when the master resigns: the only backup waits no longer, or waits again"
    ),
)
table(
    Unicast,
    source=value("source", "the other hosts see this one under another address, and must have it as a peer"),
    peers=each(
        "peers",
        "advertisements go to it, and its own are heard",
        "advertisements go to it no more, and its own are refused",
        order=f"only the order: {NOBODY}",
    ),
    min_ttl=value("min_ttl", "advertisements of peers further away are refused, or heard"),
)
table(
    HmacParams,
    keys=_key_changes,
    mode=value("mode", "what is not signed is sent or refused accordingly"),
    window=value("window", "clocks of hosts may differ by more, or by less", seconds),
)
table(
    DampingParams,
    free=value("free", "it counts from the next failure"),
    hold=value("hold", "it counts from the next failure", seconds),
    most=value("max", "it counts from the next failure", seconds),
    forget=value("forget", "it counts from the next failure", seconds),
)
