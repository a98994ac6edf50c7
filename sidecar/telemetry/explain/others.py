"""A virtual router as the other hosts of `nodes` described it."""

from math import inf

from sidecar.telemetry.explain.document import Other
from sidecar.telemetry.explain.subject import Subject
from sidecar.telemetry.explain.words import span
from sidecar.telemetry.node_document import RouterTold
from sidecar.telemetry.node_record import NodeRecord


def others(of: Subject) -> list[Other]:
    """Return one for each host. Nothing is known of a standby without `nodes`."""
    return [_other(record, of) for record in of.view.nodes]


def _other(record: NodeRecord, of: Subject) -> Other:
    told = _same(record, of)
    known = told if not record.fault else None
    age = None if record.read_at == -inf else max(0.0, of.view.now - record.read_at)
    return {
        "url": record.url,
        "node": None if record.told is None else record.told.node,
        "state": None if known is None else known.state.value,
        "priority": None if known is None else known.effective,
        "fit": None if known is None else known.fit,
        "age_seconds": None if age is None else round(age, 3),
        "sentence": _sentence(record, known, age),
    }


def _same(record: NodeRecord, of: Subject) -> RouterTold | None:
    """Return that router which has a VIP of ours."""
    if record.told is None:
        return None
    ours = {vip.ip for vip in of.router.vips}
    return next((each for each in record.told.routers if ours & set(each.addresses)), None)


def _sentence(record: NodeRecord, told: RouterTold | None, age: float | None) -> str:
    name = record.url if record.told is None else record.told.node
    if record.fault:
        last = "it was never read" if age is None else f"it was last read {span(age)} ago"
        return f"{name}: nothing is known now, {last}: {record.fault}"
    if told is None:
        return f"{name} has none of these VIPs"
    drained = record.told.drained if record.told is not None else None
    fit = f", {drained}" if drained is not None else "" if told.fit else ", unfit"
    return f"{name} is {told.state.value} with priority {told.effective}{fit}, read {span(age or 0.0)} ago"
