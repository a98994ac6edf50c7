"""Every metric: name, kind, labels, help. Exposition and docs/metrics.md are made from this table."""

from typing import Final

from sidecar.channel import tables
from sidecar.telemetry.metric import CHECK, Kind, Metric
from sidecar.telemetry.pool_metrics import POOL_METRICS

PREFIX: Final = "vipsidecar_"

METRICS: Final[tuple[Metric, ...]] = (
    Metric("build_info", Kind.GAUGE, ("version", "revision"), "Always 1; the labels say what runs."),
    Metric(
        "loop_beat_age_seconds",
        Kind.GAUGE,
        (),
        "Seconds since the protocol loop last ran. Above 2 it is stuck.",
    ),
    Metric(
        "vrrp_info",
        Kind.GAUGE,
        ("router", "interface", "vrid", "family", "version", "mode"),
        "Always 1; the labels are the static facts of a virtual router.",
    ),
    Metric(
        "vrrp_state",
        Kind.GAUGE,
        ("router", "state"),
        "1 for the current state of a virtual router, 0 for the others. All 0 while the loop is stuck.",
    ),
    Metric(
        "vrrp_transitions_total",
        Kind.COUNTER,
        ("router", "from_state", "to_state", "reason"),
        "Changes of state, by cause.",
    ),
    Metric(
        "vrrp_adoptions_total",
        Kind.COUNTER,
        ("router", "result"),
        "Starts of this sidecar that found VIPs of an earlier process, by what became of them.",
    ),
    Metric(
        "vrrp_last_transition_timestamp_seconds",
        Kind.GAUGE,
        ("router",),
        "Unix time since when the router is in its state.",
    ),
    Metric("vrrp_priority_configured", Kind.GAUGE, ("router",), "Priority in the configuration."),
    Metric(
        "vrrp_priority_effective",
        Kind.GAUGE,
        ("router",),
        "Priority after the checks; 1 when a required check fails.",
    ),
    Metric(
        "vrrp_hold_down_seconds",
        Kind.GAUGE,
        ("router",),
        "Seconds for which a node that was unfit too often is still held down. 0: it is not.",
    ),
    Metric(
        "vrrp_cannot_send",
        Kind.GAUGE,
        ("router",),
        "1 while advertisements cannot be sent, so that no other host hears this one.",
    ),
    Metric(
        "vrrp_adverts_sent_total", Kind.COUNTER, ("router",), "Advertisements sent with a priority above 0."
    ),
    Metric(
        "vrrp_adverts_received_total",
        Kind.COUNTER,
        ("router",),
        "Valid advertisements of peers with a priority above 0.",
    ),
    Metric(
        "vrrp_priority_zero_sent_total",
        Kind.COUNTER,
        ("router",),
        "Advertisements of priority 0 sent: we resigned.",
    ),
    Metric(
        "vrrp_priority_zero_received_total",
        Kind.COUNTER,
        ("router",),
        "Advertisements of priority 0 received: a peer resigned.",
    ),
    Metric(
        "vrrp_adverts_dropped_total",
        Kind.COUNTER,
        ("router", "reason"),
        "Packets refused, by reason. The router is empty when none could be named.",
    ),
    Metric(
        "vrrp_refused_senders",
        Kind.GAUGE,
        ("router",),
        "Senders for our VRID, or in the name of our VIP, that are heard now and refused; at most 16.",
    ),
    Metric(
        "vrrp_lan_findings",
        Kind.GAUGE,
        ("router", "kind"),
        "1 while something is wrong on the LAN as far as it is overheard, before any packet filter; by kind.",
    ),
    Metric(
        "vrrp_masters_observed",
        Kind.GAUGE,
        ("router",),
        "Masters that serve at once, ourselves included; none that just yielded. Above 1: two claim the VIP.",
    ),
    Metric(
        "vrrp_master_priority",
        Kind.GAUGE,
        ("router",),
        "Priority that the master advertises, or our own as MASTER. Absent while none is known.",
    ),
    Metric(
        "vrrp_master_last_advert_age_seconds",
        Kind.GAUGE,
        ("router",),
        "Seconds since the last advertisement of the master, or our own. Absent while none is known.",
    ),
    Metric(
        "vrrp_master_down_interval_seconds",
        Kind.GAUGE,
        ("router",),
        "Seconds of silence of the master after which this host takes over, or would.",
    ),
    Metric(
        "vrrp_advert_interarrival_seconds",
        Kind.HISTOGRAM,
        ("router",),
        "Time between two advertisements of the same peer.",
        tables.INTERARRIVAL,
    ),
    Metric(
        "timer_lateness_seconds",
        Kind.HISTOGRAM,
        ("timer",),
        "How long after its deadline a timer was served.",
        tables.LATENESS,
    ),
    Metric("vip_desired", Kind.GAUGE, ("router", "vip"), "1 while the election wants the VIP on this host."),
    Metric(
        "vip_owned",
        Kind.GAUGE,
        ("router", "vip"),
        "1 while the kernel of this host has the VIP from us. 0 while the loop is stuck.",
    ),
    Metric(
        "vip_external_changes_total",
        Kind.COUNTER,
        ("router", "change"),
        "VIPs that somebody else removed, that are somebody else's, or that were left over at start.",
    ),
    Metric(
        "announcements_sent_total",
        Kind.COUNTER,
        ("router", "protocol"),
        "Frames sent that tell neighbours where the VIPs are.",
    ),
    Metric(
        "takeover_duration_seconds",
        Kind.HISTOGRAM,
        ("router", "phase"),
        "Time that the phases of a takeover took.",
        tables.TAKEOVER,
    ),
    Metric(
        "check_up",
        Kind.GAUGE,
        ("check", "kind"),
        "Verdict on a check after rise and fall: 1 up, 0 down. Absent until there is a verdict.",
    ),
    Metric(
        "check_results_total", Kind.COUNTER, ("check", "kind", "result"), "Raw results, before rise and fall."
    ),
    Metric(
        "check_duration_seconds",
        Kind.HISTOGRAM,
        ("check", "kind"),
        "Time that one run of a polled check took.",
        CHECK,
    ),
    Metric(
        "check_phase_duration_seconds",
        Kind.HISTOGRAM,
        ("check", "phase"),
        "Time that the phases of a run over HTTP took, also of one that failed later.",
        CHECK,
    ),
    Metric(
        "check_certificate_expiry_timestamp_seconds",
        Kind.GAUGE,
        ("check",),
        "Unix time at which the certificate that the target last showed ends.",
    ),
    *POOL_METRICS,
    Metric(
        "config_last_reload_successful",
        Kind.GAUGE,
        (),
        "1 when the last load of the configuration succeeded.",
    ),
    Metric(
        "config_shared_hash",
        Kind.GAUGE,
        (),
        "Number made from what all hosts must configure alike; different numbers mean drift.",
    ),
    Metric("maintenance", Kind.GAUGE, (), "1 while an operator keeps the VIPs away from this host."),
    Metric(
        "docker_connected",
        Kind.GAUGE,
        (),
        "1 while the Docker event stream works. Absent when no Docker is configured.",
    ),
    Metric(
        "container_restarts_total",
        Kind.COUNTER,
        ("check", "result"),
        "Tries to restart a container whose check was down (on_fail: restart).",
    ),
    Metric(
        "hook_runs_total",
        Kind.COUNTER,
        ("hook", "result"),
        "Hooks by what became of them: ok, failed, timeout, superseded, skipped, lost.",
    ),
    Metric(
        "hook_failing",
        Kind.GAUGE,
        ("router", "hook"),
        "1 while the last run of a hook is a failure, and no later hook of the router has succeeded. "
        "Absent until it has run.",
    ),
    Metric("observer_restarts_total", Kind.COUNTER, (), "Observers that the router had before this one."),
    Metric(
        "channel_lines_lost_total", Kind.COUNTER, (), "Lines of the router that no observer read in time."
    ),
    Metric("channel_malformed_total", Kind.COUNTER, (), "Messages of observers that made no sense."),
    Metric("log_dropped_total", Kind.COUNTER, (), "Log lines dropped because nobody read the output."),
    Metric(
        "errors_total", Kind.COUNTER, ("component", "reason"), "Things that went wrong, by where and why."
    ),
)

BY_NAME: Final = {metric.name: metric for metric in METRICS}
