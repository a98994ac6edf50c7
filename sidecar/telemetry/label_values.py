"""Label values that are known in advance, so that every counter exists at 0 before its first event.

Without the zero a rate misses the first event: often the only one that matters.
"""

from typing import Final

from sidecar.core.health.result import Outcome
from sidecar.core.pool.events import ReloadResult
from sidecar.core.wire.advert import AUTHENTICATION, TOLD, Drop
from sidecar.telemetry.lan.finding import LanKind

DROPS: Final = tuple(Drop)
RESULTS: Final = tuple(Outcome)
RESTARTS: Final = ("ok", "denied", "failed")
PHASES: Final = ("detect", "hook", "address", "total")
CHECK_PHASES: Final = ("lookup", "connect", "tls", "first_byte", "body")
VIP_CHANGES: Final = ("removed", "foreign", "leftover")
RELOADS: Final = tuple(ReloadResult)
NGINX_RELOADS: Final = (ReloadResult.LIVE, ReloadResult.UNPROVEN)
VERDICTS: Final = ("up", "down")
PROTOCOLS: Final = ("arp", "na")
TIMERS: Final = ("advert", "master_down")

ERRORS: Final[tuple[tuple[str, str], ...]] = (
    *(("auth" if drop in AUTHENTICATION else "refused", str(drop)) for drop in sorted(TOLD)),
    ("channel", "unexpected"),
    ("checks", "certificate"),
    ("checks", "crash"),
    ("checks", "fork_server"),
    ("checks", "thread_ended"),
    ("docker", "crash"),
    ("docker", "denied"),
    ("docker", "protocol"),
    ("docker", "stale"),
    ("docker", "timeout"),
    ("docker", "unreachable"),
    ("election", "fail_open"),
    ("election", "second_master"),
    ("election", "third_host"),
    ("election", "unknown_master"),
    ("election", "weights"),
    ("drain", "unreadable"),
    ("drain", "write"),
    *(("events", reason) for reason in ("damaged", "in_use", "open", "write")),
    *(("hooks", reason) for reason in ("fork_server", "refused", "thread_ended")),
    ("http", "accept"),
    ("http", "handler"),
    ("http", "listen"),
    ("http", "thread"),
    *(("lan", str(kind)) for kind in LanKind),
    ("lan", "capture"),
    ("loop", "inbox_full"),
    ("netlink", "dump"),
    ("netlink", "overflow"),
    ("nodes", "thread_ended"),
    ("nodes", "unreadable"),
    *(("observer", reason) for reason in ("ended", "hung_up", "nonsense", "not_started", "reload", "silent")),
    ("pools", "absent"),
    ("pools", "crash"),
    ("pools", "cut_off"),
    ("pools", "drift"),
    ("pools", "empty"),
    ("pools", "error"),
    ("pools", "fail_open"),
    ("pools", "fork_server"),
    ("pools", "refused"),
    ("pools", "sorry"),
    ("pools", "thread_ended"),
    ("pools", "unproven"),
    ("pools", "unresolved"),
    ("pools", "untested"),
    ("vip", "drop_failed"),
    ("vip", "no_answer"),
    ("virtual_mac", "create"),
    ("virtual_mac", "delete"),
    ("virtual_mac", "disable"),
    ("virtual_mac", "enable"),
    ("virtual_mac", "guard"),
    ("virtual_mac", "router_adverts"),
    ("virtual_mac", "taken"),
    ("vrrp", "addresses"),
    ("vrrp", "flood"),
    ("vrrp", "interval"),
    ("vrrp", "listen"),
    ("vrrp", "mtu"),
    ("vrrp", "mute"),
    ("vrrp", "send_failed"),
)
