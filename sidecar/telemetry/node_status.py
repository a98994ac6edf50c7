"""The other hosts in the status document."""

from math import inf

from sidecar.telemetry import document
from sidecar.telemetry.node_document import RouterTold
from sidecar.telemetry.node_findings import NodeFinding
from sidecar.telemetry.node_record import NodeRecord
from sidecar.telemetry.status_store import View


def node(record: NodeRecord, view: View) -> document.Node:
    """Return one of them."""
    told = record.told
    return {
        "url": record.url,
        "node": None if told is None else told.node,
        "version": None if told is None else told.version,
        "config_hash": None if told is None else told.config_hash,
        "same_config": None if told is None else told.config_hash == view.config_hash,
        "age_seconds": None if record.read_at == -inf else round(max(0.0, view.now - record.read_at), 3),
        "fault": record.fault or None,
        "drained": None if told is None else told.drained,
        "virtual_routers": [] if told is None else [_router(router) for router in told.routers],
    }


def finding(found: NodeFinding) -> document.Finding:
    """Return a finding."""
    return {"kind": found.kind.value, "url": found.url, "fault": found.fault, "sentence": found.sentence}


def _router(router: RouterTold) -> document.NodeRouter:
    return {
        "name": router.name,
        "vrid": router.vrid,
        "state": router.state.value,
        "fit": router.fit,
        "priority": {"configured": router.priority, "effective": router.effective},
        "owned": [str(address) for address in router.addresses if address in router.owned],
    }
