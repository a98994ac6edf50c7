"""The reference of all metrics, as Markdown: `python -m sidecar.telemetry.reference > docs/metrics.md`."""

import sys
from collections.abc import Iterator

from sidecar.telemetry.metric import Kind, Metric
from sidecar.telemetry.metric_table import METRICS, PREFIX
from sidecar.telemetry.process_metrics import PROCESS_METRICS

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

_PROCESSES = """
## Processes

What the [two processes](security.md) use, under the names of every Prometheus client, and with the label
`process`: `router` or `observer`. `process_open_fds` of the router needs Linux 6.2 where the observer has a
user of its own.

| name | type | meaning |
|---|---|---|
"""

_KEEPALIVED = """
## The names of the keepalived exporter

With `metrics: {keepalived_names: true}` the families of mehdy/keepalived-exporter are at `/metrics`, too, so
that dashboards and alerts for it go on; its own process is needed no more. Names, labels and types are its,
and the numbers of states: 0 INIT, 1 BACKUP, 2 MASTER, 3 FAULT. It is off by default.

| name, after `keepalived_` | here |
|---|---|
| `up` | 1 while the protocol loop runs |
| `vrrp_state` | one sample an address; none while the loop is stuck |
| `advertisements_sent_total`, `advertisements_received_total` | with those of priority 0 |
| `priority_zero_sent_total`, `priority_zero_received_total` | as above |
| `become_master_total`, `release_master_total` | transitions to and from MASTER |
| `packet_length_errors_total`, `ip_ttl_errors_total` | refused: `length`, `ttl` |
| `invalid_type_received_total` | refused: `type` |
| `advertisements_interval_errors_total` | refused: `interval` (version 2); what is accepted here is none |
| `address_list_errors_total` | refused: `addresses`; what is accepted here is none |
| `authentication_invalid_total` | refused: `auth_malformed` |
| `authentication_mismatch_total` | refused: `auth_type`, `auth_missing` |
| `authentication_failure_total` | refused: all other reasons `auth_*` |
| `script_status` | a check: 0 down, 1 up, none without a verdict |
| `script_state` | a check: always 0 (idle) |
| `gratuitous_arp_delay_total` | a setting of keepalived: 0 |
| `vrrp_excluded_state`, `exporter_check_script_status` | without samples |
| `exporter_build_info` | `version` and `revision` of this sidecar |
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
    yield from _PROCESSES.splitlines()
    for metric in PROCESS_METRICS:
        yield f"| `{metric.name}` | {metric.kind} | {metric.help} |"
    yield from _KEEPALIVED.splitlines()


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    return f"| `{PREFIX}{metric.name}` | {metric.kind} | {labels} | {metric.help} |"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
