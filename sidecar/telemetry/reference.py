"""The reference of all metrics, as Markdown: `python -m sidecar.telemetry.reference > docs/metrics.md`."""

import sys
from collections.abc import Iterator

from sidecar.telemetry.metric_table import METRICS, PREFIX, Kind, Metric

_HEAD = """\
# Metrics

Served at `/metrics`, as text or as OpenMetrics. Made from `sidecar/telemetry/metric_table.py` by
`python -m sidecar.telemetry.reference`; a test compares.

Every counter exists at 0 from the start, so that a rate sees the first event. Labels come from the
configuration alone, never from the network. `router` and `check` are names of the configuration.
While the protocol loop is stuck, no state and no VIP is claimed: `vipsidecar_vrrp_state` and
`vipsidecar_vip_owned` are 0, because the kernel takes the VIP away when its lease ends.

| name | type | labels | meaning |
|---|---|---|---|
"""


def lines() -> Iterator[str]:
    """Yield the file, line by line, without newlines."""
    yield from _HEAD.splitlines()
    for metric in METRICS:
        yield _row(metric)
    yield ""
    yield "## Buckets"
    yield ""
    for metric in METRICS:
        if metric.kind is Kind.HISTOGRAM:
            bounds = ", ".join(f"{bound:g}" for bound in metric.buckets)
            yield f"- `{PREFIX}{metric.name}`: {bounds}"


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{PREFIX}{metric.name}` | {metric.kind} | {labels} | {metric.help} |"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
