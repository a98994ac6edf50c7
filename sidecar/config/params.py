"""The configuration as the core wants it, and the mark by which two hosts see that theirs agree."""

import hashlib
import json
from collections.abc import Mapping

from sidecar.config.check.base import CheckModel
from sidecar.config.model import Config
from sidecar.config.router import unicast as config_unicast
from sidecar.config.router.auth import Auth
from sidecar.config.router.damping import Damping
from sidecar.config.router.virtual_router import VirtualRouter
from sidecar.core.address import Vip
from sidecar.core.health.params import CheckParams, DampingParams
from sidecar.core.params import AuthMode, HmacParams, NodeParams, RouterParams, Unicast
from sidecar.core.wire.constants import V3
from sidecar.core.wire.hmac_key import HmacKey


def node_params(config: Config) -> NodeParams:
    """All the core needs. A router without `checks` depends on every check."""
    return NodeParams(
        node=config.node,
        routers=tuple(_router(name, r, config.checks) for name, r in config.virtual_routers.items()),
        checks=tuple(_check(name, check) for name, check in config.checks.items()),
        sync_groups=tuple(config.sync_groups.values()),
    )


def _router(name: str, router: VirtualRouter, checks: Mapping[str, CheckModel]) -> RouterParams:
    unicast, auth = router.unicast, router.auth or Auth()
    names = tuple(checks) if router.checks is None else router.checks
    return RouterParams(
        name=name,
        interface=router.interface,
        vrid=router.vrid,
        priority=router.priority,
        addresses=_ordered(router.addresses),
        interval_cs=round(router.advert_interval * 100),
        version=router.version,
        preempt=router.preempt,
        preempt_delay=router.preempt_delay,
        startup_delay=router.startup_delay,
        refuse_answered=router.refuse_answered,
        source=router.source,
        unicast=None if unicast is None else _unicast(unicast),
        v4_pseudo_header=router.v4_pseudo_header,
        password=None if auth.password is None else auth.password.get_secret_value(),
        hmac=_hmac(auth, router.advert_interval),
        accept=router.accept,
        virtual_mac=router.virtual_mac,
        checks=names,
        weights=tuple(weight for name in names if (weight := checks[name].weight) is not None),
        damping=_damping(router.damping),
        hosts=router.hosts,
        hooks=None if router.hooks is None else router.hooks.params(),
    )


def _unicast(unicast: config_unicast.Unicast) -> Unicast:
    # One file for all hosts lists every host: the own address is no peer.
    peers = tuple(peer for peer in unicast.peers if peer != unicast.source)
    return Unicast(unicast.source, peers, unicast.min_ttl)


def _damping(damping: Damping | None) -> DampingParams | None:
    if damping is None:
        return None
    return DampingParams(damping.free, damping.hold, damping.most, damping.forget)


def _ordered(vips: tuple[Vip, ...]) -> tuple[Vip, ...]:
    """A link-local IPv6 address comes first in an advert (RFC 9568 section 5.2.9); else as in the file."""
    return tuple(sorted(vips, key=lambda vip: vip.version == 6 and not vip.ip.is_link_local))  # noqa: PLR2004


def _hmac(auth: Auth, advert_interval: float) -> HmacParams | None:
    if auth.hmac is None:
        return None
    keys = tuple(HmacKey(key.id, key.key_file.secret.get_secret_value()) for key in auth.hmac)
    return HmacParams(keys, AuthMode(auth.mode), auth.window_for(advert_interval))


def _check(name: str, check: CheckModel) -> CheckParams:
    return CheckParams(
        name=name,
        kind=check.kind,
        rise=check.rise,
        fall=check.fall,
        weight=check.weight,
        max_age=check.oldest,
    )


def shared_hash(config: Config) -> str:
    """Twelve hex digits (48 bits, exact in a float) over the settings that must be equal on all hosts.

    In it: VRID, version, interval, VIPs, checksum, whether there is a password, the unicast mesh
    (source and peers as one set, which is the same on every host of a full mesh; nothing without a source),
    and which virtual routers, by family and VRID, move together.

    Not in it, because hosts may differ: node name, names of routers and groups, interface, source,
    min_ttl, priority, preemption, damping, checks, hooks, the order of addresses, accept (the address owner
    needs none), virtual_mac (a pair may mix), hosts (set last, one host after the other). Nor keys, their ids
    and the mode: a rotation and a roll-out make them differ for a while by design. Nor any secret: a hash of
    a password is a way to guess it.
    """
    routers = config.virtual_routers
    groups = (sorted(_identity(routers[name]) for name in names) for names in config.sync_groups.values())
    shared = [sorted(_shared(router) for router in routers.values()), sorted(groups)]
    return hashlib.sha256(json.dumps(shared).encode()).hexdigest()[:12]


def _identity(router: VirtualRouter) -> tuple[int, int]:
    return router.family, router.vrid


def _shared(router: VirtualRouter) -> list[object]:
    source = router.unicast.source if router.unicast else None
    mesh = {source, *router.unicast.peers} if router.unicast and source is not None else set()
    family, vrid = _identity(router)
    return [
        vrid,
        router.version,
        round(router.advert_interval * 100),
        sorted(str(vip.ip) for vip in router.addresses),
        sorted(str(host) for host in mesh),
        router.v4_pseudo_header and (router.version, family) == (V3, 4),
        router.auth is not None and router.auth.password is not None,
    ]
