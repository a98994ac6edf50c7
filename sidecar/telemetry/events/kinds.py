"""The kinds of events, and their fields. docs/events.md is made from this table."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind: its name, its fields besides `id`, `at` and `moment`, and what happened."""

    name: str
    fields: tuple[str, ...]
    meaning: str


KINDS: Final[tuple[EventKind, ...]] = (
    EventKind(
        "started",
        ("version", "config", "routers", "boot"),
        "A sidecar began its work. `boot`: the kernel's name for the time since the host was booted.",
    ),
    EventKind("stopped", ("detail",), "It ended in order. Without this before `started` it was killed."),
    EventKind("observer_started", ("restarts",), "The process that checks and shows is another one."),
    EventKind("observer_lost", ("reason", "detail"), "The process that checks and shows was lost, and why."),
    EventKind(
        "reload", ("result", "detail"), "The configuration was read again: applied, or refused and why."
    ),
    EventKind("crash", ("detail",), "A fault of the program in the router."),
    EventKind("stall", ("detail", "seconds"), "The router did not run for so long: no processor, or frozen."),
    EventKind(
        "transition",
        ("router", "from", "to", "reason", "detail", "lasted_seconds", "took_ms"),
        "A virtual router changed its state: cause, sentence, how long it had been in the old one, and to "
        "MASTER the time from the last advert or the resignation of the master until the VIPs were here. "
        "`reason` is the label of `vipsidecar_vrrp_transitions_total`.",
    ),
    EventKind(
        "drained", ("by", "detail", "forced"), "An operator keeps the VIPs away from this host (`drain`)."
    ),
    EventKind("undrained", ("by", "reason", "lasted_seconds"), "The drain was taken back, or is over."),
    EventKind("adopted", ("router", "result", "detail"), "It goes on with the VIPs of a process before it."),
    EventKind(
        "not_adopted", ("router", "result", "detail"), "VIPs of a process before it are removed, and why."
    ),
    EventKind("resigned", ("router", "detail"), "Priority 0 was said late, or for an earlier process."),
    EventKind("send_recovered", ("router",), "Advertisements can be sent again."),
    EventKind("unexpected_sender", ("router", "source", "mac"), "Where an unexpected master is."),
    EventKind(
        "check_up", ("check", "kind", "detail", "lasted_seconds"), "A check is up after `rise` results."
    ),
    EventKind(
        "check_down",
        ("check", "kind", "detail", "lasted_seconds", "failing_seconds", "unsure_seconds"),
        "A check is down after `fall` results. The first of them that failed was `failing_seconds` before; "
        "the target may have failed up to `unsure_seconds` before that, since the last result that passed.",
    ),
    EventKind("vip_removed", ("router", "vips"), "Somebody else removed a VIP of ours."),
    EventKind("vip_foreign", ("router", "vips"), "Somebody else added a VIP of ours."),
    EventKind("vip_leftover", ("router", "vips"), "A VIP was left from an earlier process."),
    EventKind("server_up", ("pool", "server", "detail", "lasted_seconds"), "A server of a pool is up."),
    EventKind("server_down", ("pool", "server", "detail", "lasted_seconds"), "A server of a pool is down."),
    EventKind("pool_mode", ("pool", "mode", "detail"), "The servers of a pool are chosen otherwise now."),
    EventKind(
        "pool_changed",
        ("pool", "result", "reason", "detail", "generation", "serving", "took_ms"),
        "Servers of a pool were to change: what became of it, why, and how long it took.",
    ),
    EventKind(
        "node_lost",
        ("node", "url", "reason", "detail", "silent_seconds", "within_seconds"),
        "The signs of life of another host of `nodes:` ended. `reason`: `silent`, or `closed` by its kernel, "
        "which lives. The last came `silent_seconds` before, and the next was due `within_seconds` after it.",
    ),
    EventKind(
        "hook",
        ("router", "hook", "result", "detail", "took_ms"),
        "A hook has ended, or could not be run, and what became of it.",
    ),
    EventKind("container_restart", ("check", "result", "detail"), "A container was restarted, or why not."),
    EventKind(
        "warning",
        ("component", "reason", "router", "source", "detail", "suppressed"),
        "What `vipsidecar_errors_total` counts under this component and reason. `suppressed`: so many "
        "before it have no event of their own.",
    ),
)

BY_NAME: Final = {kind.name: kind for kind in KINDS}
