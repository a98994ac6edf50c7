"""The events of the log: what each line is called, what it has, and what happened. docs/log.md is made of it.

Where the same thing is kept by `vip-sidecar events`, it has the same name there.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event: its name, its levels, its fields besides those of every line, and what happened."""

    name: str
    level: str
    fields: tuple[str, ...]
    meaning: str
    counter: str = ""
    """The metric that counts it, without its prefix."""


EVENTS: Final[tuple[LogEvent, ...]] = (
    LogEvent("started", "info", ("version", "routers"), "The router began its work."),
    LogEvent("stopped", "info, warning", ("detail",), "It ended. Warning: VIPs are left for their lease."),
    LogEvent(
        "transition",
        "info, warning",
        ("router", "from", "to", "reason", "detail", "took_ms"),
        "A virtual router changed its state; to FAULT it is a warning. `took_ms`: to MASTER, the time from "
        "the last advert, or from the resignation of the master, until the kernel had the VIPs.",
        "vrrp_transitions_total",
    ),
    LogEvent(
        "adopted",
        "info",
        ("router", "detail"),
        "It goes on with the VIPs of a process before it.",
        "vrrp_adoptions_total",
    ),
    LogEvent(
        "not_adopted",
        "warning",
        ("router", "result", "detail"),
        "VIPs of a process before it are removed, and why.",
        "vrrp_adoptions_total",
    ),
    LogEvent(
        "resigned", "info", ("router", "detail"), "Priority 0 was said late, or for an earlier process."
    ),
    LogEvent("send_recovered", "info", ("router", "detail"), "Advertisements can be sent again."),
    LogEvent("unexpected_sender", "warning", ("router", "source", "mac"), "Where an unexpected master is."),
    LogEvent(
        "vip_removed",
        "warning",
        ("router", "vips"),
        "Somebody else removed a VIP of ours.",
        "vip_external_changes_total",
    ),
    LogEvent(
        "vip_foreign",
        "warning",
        ("router", "vips"),
        "Somebody else added a VIP of ours.",
        "vip_external_changes_total",
    ),
    LogEvent(
        "vip_leftover",
        "warning",
        ("router", "vips"),
        "A VIP was left from an earlier process.",
        "vip_external_changes_total",
    ),
    LogEvent("check_up", "info", ("check", "kind", "detail"), "A check is up after `rise` results."),
    LogEvent("check_down", "warning", ("check", "kind", "detail"), "A check is down after `fall` results."),
    LogEvent(
        "check_run", "debug", ("check", "result", "detail"), "A check was run once.", "check_results_total"
    ),
    LogEvent(
        "container_restart",
        "info, warning",
        ("check", "result", "detail"),
        "A container was restarted, or why not.",
        "container_restarts_total",
    ),
    LogEvent("node_lost", "info", ("url", "name", "detail"), "Another host gives no sign of life any more."),
    LogEvent(
        "hook",
        "info, warning",
        ("router", "hook", "result", "state", "priority", "check", "detail", "took_ms"),
        "A hook has ended, or could not be run, and what became of it. `took_ms`: how long it ran.",
        "hook_runs_total",
    ),
    LogEvent("docker_connected", "info", ("detail",), "The Docker engine answers."),
    LogEvent("docker_lost", "info", ("detail",), "The Docker engine does not answer, and why."),
    LogEvent(
        "drained", "warning", ("uid", "pid", "detail", "forced"), "An operator keeps the VIPs away from here."
    ),
    LogEvent("undrained", "info, warning", ("uid", "pid", "detail"), "The drain was taken back, or is over."),
    LogEvent("drain_refused", "warning", ("uid", "pid", "detail"), "A drain was refused, and why."),
    LogEvent(
        "reload",
        "info, error",
        ("result", "changes", "detail"),
        "The configuration was read again: applied, unchanged, planned, or refused and why.",
    ),
    LogEvent(
        "reload_change", "info", ("mark", "path", "old", "new", "effect"), "What that changes, and for whom."
    ),
    LogEvent("reload_mistake", "error", ("detail",), "A mistake of a file that was refused."),
    LogEvent(
        "reload_environment",
        "info",
        ("detail",),
        "Keys that keep their values: a process keeps its environment.",
    ),
    LogEvent(
        "config_warning", "warning", ("detail",), "A warning about the configuration, as of check-config."
    ),
    LogEvent(
        "server_up",
        "info",
        ("pool", "server", "detail"),
        "A server of a pool is up.",
        "pool_server_changes_total",
    ),
    LogEvent(
        "server_down",
        "warning",
        ("pool", "server", "detail"),
        "A server of a pool is down.",
        "pool_server_changes_total",
    ),
    LogEvent("pool_mode", "info, error", ("pool", "mode", "detail"), "The servers are chosen otherwise now."),
    LogEvent(
        "pool_changed",
        "info, error",
        ("pool", "result", "reason", "detail", "generation", "serving", "took_ms"),
        "Servers of a pool were to change: what became of it, why, and how long it took.",
        "pool_reloads_total",
    ),
    LogEvent(
        "pool_cut_off", "warning", ("pool", "cut_off", "detail"), "This host judges no server: it is cut off."
    ),
    LogEvent("pool_rejoined", "info", ("pool", "detail"), "It judges them again."),
    LogEvent("pool_drift", "warning", ("pool", "detail"), "Somebody else changed the file of a pool."),
    LogEvent(
        "pool_probe",
        "debug",
        ("pool", "server", "result"),
        "A server was asked once.",
        "pool_check_results_total",
    ),
    LogEvent(
        "name_resolved", "info", ("pool", "name", "addresses"), "The name of a server has these addresses."
    ),
    LogEvent("name_unresolved", "warning", ("pool", "name", "detail"), "It has none, and why."),
    LogEvent(
        "lan_settled", "info", ("router", "kind", "detail"), "What was wrong on the LAN of a router is over."
    ),
    LogEvent(
        "stall", "info", ("seconds", "detail"), "The router did not run for so long: no processor, or frozen."
    ),
    LogEvent("crash", "error", ("detail", "exception"), "A fault of the program in the router."),
    LogEvent(
        "observer_lost",
        "error",
        ("reason", "detail"),
        "The process that checks and shows was lost; another is started.",
    ),
    LogEvent(
        "router_lost", "critical", ("detail",), "The router has ended without a word: this process ends, too."
    ),
    LogEvent(
        "message_lost", "error", ("detail",), "A message of the router to the observer could not be encoded."
    ),
    LogEvent(
        "lines_lost", "warning", ("detail",), "Lines of the router are missing: they were not read in time."
    ),
    LogEvent(
        "log_dropped",
        "warning",
        ("count", "detail"),
        "Lines are missing: nobody read the log.",
        "log_dropped_total",
    ),
    LogEvent(
        "no_lock",
        "warning",
        ("detail",),
        "Nothing keeps a second sidecar from the same VRID or VIP, and why.",
    ),
    LogEvent(
        "signal_ignored",
        "warning",
        ("detail",),
        "A signal that would have ended it, and is no request to end.",
    ),
    LogEvent("listening", "info", ("detail",), "The status server listens, after it could not."),
    LogEvent("status", "info", ("status",), "The document of /status.json, after SIGUSR1."),
)


def trouble_event(component: str, reason: str) -> str:
    """Return the name of the line about something that `vipsidecar_errors_total` counts."""
    return reason if reason.startswith(f"{component}_") else f"{component}_{reason}"
