"""The metrics of pools, a part of the table."""

from typing import Final

from sidecar.telemetry.metric import CHECK, Kind, Metric

_ROLLOUT = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)

POOL_METRICS: Final[tuple[Metric, ...]] = (
    Metric(
        "pool_server_up",
        Kind.GAUGE,
        ("pool", "server"),
        "Verdict on a server of a pool after rise and fall: 1 up, 0 down. Absent until there is a verdict.",
    ),
    Metric(
        "pool_server_in_service",
        Kind.GAUGE,
        ("pool", "server"),
        "1 while nginx was last proven to send requests to a server.",
    ),
    Metric(
        "pool_servers",
        Kind.GAUGE,
        ("pool", "state"),
        "Servers of a pool by verdict: up, down or unknown.",
    ),
    Metric("pool_mode", Kind.GAUGE, ("pool", "mode"), "1 for how a pool decides who gets requests."),
    Metric(
        "pool_state",
        Kind.GAUGE,
        ("pool", "state"),
        "1 for how far a pool is: nginx serves what is wanted only while it is live.",
    ),
    Metric(
        "pool_generation",
        Kind.GAUGE,
        ("pool",),
        "Number of the generation that nginx was last proven to serve.",
    ),
    Metric("pool_check_results_total", Kind.COUNTER, ("pool", "result"), "Raw results of probes of servers."),
    Metric(
        "pool_check_duration_seconds",
        Kind.HISTOGRAM,
        ("pool",),
        "Time that one probe of a server took, over all its layers.",
        CHECK,
    ),
    Metric(
        "pool_server_changes_total",
        Kind.COUNTER,
        ("pool", "to"),
        "Changes of the verdict on a server of a pool.",
    ),
    Metric(
        "pool_reloads_total",
        Kind.COUNTER,
        ("pool", "result"),
        "Attempts to put a lineup into service, by how they ended.",
    ),
    Metric(
        "pool_rollout_duration_seconds",
        Kind.HISTOGRAM,
        ("pool",),
        "Time from noticing that a pool must change until nginx was proven to serve the change.",
        _ROLLOUT,
    ),
    Metric(
        "nginx_reloads_total",
        Kind.COUNTER,
        ("result",),
        "Times that nginx was told to reload, by whether it was proven to serve the new generation.",
    ),
)
