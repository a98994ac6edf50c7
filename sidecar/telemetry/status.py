"""A view as the status document. Pure: the same view is always the same document."""

from math import inf

from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.params import PAIR
from sidecar.core.pool.snapshot import PoolSnapshot, ServerSnapshot
from sidecar.core.snapshot import MasterSeen, PeerMismatch, RouterSnapshot
from sidecar.core.state import State
from sidecar.plan.move_costs import MoveCosts
from sidecar.telemetry import document
from sidecar.telemetry.cost_document import Costs
from sidecar.telemetry.hook_outcomes import HookOutcome
from sidecar.telemetry.lan.finding import LanFinding
from sidecar.telemetry.next_step import next_step
from sidecar.telemetry.node_status import finding, node
from sidecar.telemetry.process_document import Processes as ProcessesShown
from sidecar.telemetry.processes import Processes
from sidecar.telemetry.status_store import View
from sidecar.telemetry.vip_status import addresses, claims


def render(view: View) -> document.Status:
    """Return what /status.json says."""
    return {
        "at": round(view.wall, 3),
        "node": view.snapshot.node,
        "version": view.version,
        "revision": view.revision,
        "uptime_seconds": round(view.uptime, 3),
        "config_hash": view.config_hash,
        "config_reload_successful": view.config_reload_ok,
        "stopping": view.snapshot.stopping,
        "loop": {
            "alive": view.alive,
            "beat_age_seconds": None if view.beat_age == inf else round(view.beat_age, 3),
            "picture_age_seconds": round(view.picture_age, 3),
        },
        "drain": _drain(view),
        "docker_connected": view.docker_connected,
        "virtual_routers": [_router(router, view) for router in view.snapshot.routers],
        "checks": [_check(check, view) for check in view.snapshot.checks],
        "pools": [_pool(pool, view) for pool in view.pools],
        "troubles": list(view.troubles),
        "processes": None if view.processes is None else _processes(view.processes),
        "nodes": [node(each, view) for each in view.nodes],
        "node_findings": [finding(each) for each in view.node_findings],
        "lan_findings": [_lan_finding(each) for each in view.lan_findings],
    }


def _drain(view: View) -> document.Drain | None:
    if not view.maintenance:
        return None
    drained = view.drained
    if drained is None:
        return {"since": None, "until": None, "why": "drained"}
    return {"since": round(drained.since, 3), "until": drained.until, "why": drained.why}


def _processes(processes: Processes) -> ProcessesShown:
    router, observer = processes.router, processes.observer
    own = observer.privileges
    return {
        "router": None
        if router is None
        else {
            "pid": router.pid,
            "uid": router.uid,
            "capabilities_effective": f"{router.effective:#x}",
            "capabilities_permitted": f"{router.permitted:#x}",
            "capabilities_bounding": f"{router.bounding:#x}",
            "lines_lost": router.lost,
            "messages_malformed": router.malformed,
            "memory_locked_bytes": router.locked,
        },
        "observer": {
            "pid": observer.pid,
            "uid": own.uid,
            "capabilities_effective": f"{own.effective:#x}",
            "capabilities_permitted": f"{own.permitted:#x}",
            "capabilities_bounding": f"{own.bounding:#x}",
            "no_new_privileges": own.no_new_privileges,
            "memory_locked_bytes": observer.locked,
            "restarts": observer.restarts,
            "apart": router is not None and router.uid != own.uid,
        },
    }


def obstacles(view: View | None, beat_age: float, *, alive: bool) -> list[str]:
    """Return why this host is not ready to hold its VIPs or to take them over; nothing when it is ready."""
    if view is None:
        return ["starting: nothing decided yet"]
    if not alive:
        return [stuck(beat_age)]
    return [
        f"{router.name} is {router.state}: {router.reason}"
        for router in view.snapshot.routers
        if router.state not in (State.MASTER, State.BACKUP)
    ]


def remarks(view: View | None) -> list[str]:
    """Return what is worth a look although this host is ready: other hosts, the LAN, refused senders."""
    if view is None or not view.alive:
        return []
    differ = [
        f"{router.name}: {document.sentence(_mismatch(each, view))}"
        for router in view.snapshot.routers
        for each in router.mismatches
    ]
    overheard = (f"{each.router}: {each.sentence}" for each in view.lan_findings)
    return [*(each.sentence for each in view.node_findings), *overheard, *differ]


def stuck(beat_age: float) -> str:
    """Return the sentence about a loop that does not run."""
    if beat_age == inf:
        return "starting: the protocol loop has not run yet"
    return f"stuck: the protocol loop last ran {beat_age:.1f} s ago"


def _router(router: RouterSnapshot, view: View) -> document.Router:
    return {
        "name": router.name,
        "vrid": router.vrid,
        "interface": router.interface,
        "device": router.device or None,
        "mac": view.lan.macs.get(router.interface) if router.device else None,
        "version": router.version,
        "mode": router.mode,
        "state": router.state.value,
        "since": round(view.at_wall(router.since), 3),
        "reason": router.reason,
        "adopted": router.adopted,
        "priority": {"configured": router.priority, "effective": router.effective_priority},
        "addresses": addresses(router, view),
        "master": _master(router.master, view),
        "master_down_interval_seconds": round(router.master_down_interval, 3),
        "masters_observed": router.masters_observed,
        "hold_down_seconds": None
        if router.held_until is None
        else round(max(0.0, router.held_until - view.now), 3),
        "hosts": router.hosts,
        "other_hosts": [str(host) for host in router.other_hosts],
        "mismatches": [_mismatch(each, view) for each in router.mismatches],
        "claims": claims(router, view),
        "cannot_send": router.cannot_send or None,
        "next": next_step(router, view.now, view.wall),
        "checks": [] if (rules := view.rules.of(router.name)) is None else list(rules.checks),
        "costs": _costs(router, view),
        "hooks": [_hook(each) for each in view.hooks if each.router == router.name],
        "waits_for_hook": None if router.hook is None else router.hook.value,
    }


def _costs(router: RouterSnapshot, view: View) -> Costs:
    """As the backup, which knows its own priority and counts by what its master says; else as the master."""
    serves, own = router.state is State.MASTER, view.rules.of(router.name)
    interval = own.interval_cs / 100 if serves and own is not None else router.contention.interval
    costs = MoveCosts(router.effective_priority, interval, router.version, router.hosts)
    return {
        "stop_seconds": 0.0 if router.hosts == PAIR else None if serves else round(costs.stop, 3),
        "crash_seconds": None if serves else round(costs.crash, 3),
        "restart_within_seconds": costs.restart,
        "sentence": costs.served if serves else costs.sentence,
    }


def _hook(outcome: HookOutcome) -> document.Hook:
    return {
        "hook": outcome.hook.value,
        "result": outcome.result.value,
        "detail": outcome.detail,
        "at": round(outcome.at, 3),
        "took_seconds": round(outcome.seconds, 3),
        "failures": outcome.failures,
        "failing": outcome.failing,
    }


def _lan_finding(found: LanFinding) -> document.LanFinding:
    return {
        "kind": found.kind.value,
        "router": found.router,
        "fault": found.fault,
        "sentence": found.sentence,
        "source": None if found.source is None else str(found.source),
        "mac": found.mac,
    }


def _mismatch(mismatch: PeerMismatch, view: View) -> document.Mismatch:
    return {
        "source": str(mismatch.source),
        "mac": None if mismatch.mac is None else mismatch.mac.hex(":"),
        "reason": mismatch.reason,
        "refused": mismatch.refused,
        "detail": mismatch.detail,
        "remedy": mismatch.remedy,
        "adverts": mismatch.adverts,
        "last_advert_age_seconds": round(view.heard_ago(mismatch.heard_at), 3),
    }


def _master(master: MasterSeen | None, view: View) -> document.Master | None:
    if master is None:
        return None
    return {
        "source": str(master.source),
        "priority": master.priority,
        "last_advert_age_seconds": round(view.heard_ago(master.heard_at), 3),
    }


def _check(check: CheckSnapshot, view: View) -> document.Check:
    return {
        "name": check.name,
        "kind": check.kind,
        "up": check.up,
        "detail": check.detail,
        "since": round(view.at_wall(check.since), 3),
        "age_seconds": None if check.reported_at is None else round(view.now - check.reported_at, 3),
        "certificate_expires": check.certificate_expires,
    }


def _pool(pool: PoolSnapshot, view: View) -> document.Pool:
    return {
        "name": pool.name,
        "upstream": pool.upstream,
        "mode": pool.mode.value,
        "state": pool.state,
        "since": round(view.at_wall(pool.since), 3),
        "detail": pool.detail,
        "generation": pool.generation,
        "cut_off": pool.cut_off or None,
        "servers": [_server(server, view) for server in pool.servers],
    }


def _server(server: ServerSnapshot, view: View) -> document.PoolServer:
    return {
        "server": server.address,
        "name": server.name,
        "up": server.up,
        "in_service": server.in_service,
        "weight": server.weight,
        "ramp_percent": server.ramp,
        "detail": server.detail,
        "since": round(view.at_wall(server.since), 3),
        "age_seconds": None if server.reported_at is None else round(view.now - server.reported_at, 3),
    }
