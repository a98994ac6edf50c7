"""The meaning of each exit code of each verb: for `--help` and docs/commands.md."""

from collections.abc import Mapping
from typing import Final

from sidecar.cli.exit_codes import BROKEN, DEGRADED, OK, UNREACHABLE

Exits = Mapping[int, str]
_USAGE: Final = "wrong usage"
_SILENT: Final = "no sidecar answers"

GENERAL: Final[Exits] = {
    OK: "ok",
    DEGRADED: "degraded",
    BROKEN: "wrong usage or configuration, no VIP holder or fault",
    UNREACHABLE: "the sidecar is unreachable",
}
"""The meaning of the codes over all verbs."""

RUN: Final[Exits] = {
    OK: "it was told to stop, and this host has no VIP any more",
    BROKEN: "wrong usage or configuration, no capability, or another sidecar runs; nothing was touched",
}
CHECK_CONFIG: Final[Exits] = {
    OK: "the file can be used",
    DEGRADED: "with `--strict`: there is a warning",
    BROKEN: "wrong usage, or the file has an error",
}
STATUS: Final[Exits] = {
    OK: "ok: this host serves or stands by",
    DEGRADED: "degraded: served, and somebody should look",
    BROKEN: "fault: this host cannot serve, or nobody does; or wrong usage",
    UNREACHABLE: _SILENT,
}
EXPLAIN: Final[Exits] = {
    OK: "it was explained",
    BROKEN: "there is no such virtual router, or nothing is decided yet; or wrong usage",
    UNREACHABLE: _SILENT,
}
EVENTS: Final[Exits] = {
    OK: "the events were shown",
    DEGRADED: "with `--incident`: no other host was read, or not all of them",
    BROKEN: f"{_USAGE}, or there is no such incident",
    UNREACHABLE: _SILENT,
}
DOCTOR: Final[Exits] = {
    OK: "nothing was found",
    DEGRADED: "something was found that a person has to decide",
    BROKEN: "visitors are not served, or will not be after a failover; or wrong usage or configuration",
    UNREACHABLE: "no sidecar answers, and `--pre` was not said",
}
RELOAD: Final[Exits] = {
    OK: "applied, planned, or nothing changes",
    BROKEN: "refused, nothing was changed; or wrong usage",
    UNREACHABLE: _SILENT,
}
DRAIN: Final[Exits] = {
    OK: "this host has no VIP any more",
    DEGRADED: "drained, and after 10 s it still serves: nobody else who is fit does",
    BROKEN: "refused, or wrong usage",
    UNREACHABLE: _SILENT,
}
DRILL: Final[Exits] = {
    OK: "the VIPs went to the other host and came back, as fast as promised",
    DEGRADED: "they moved, and somebody should look: too slow, not served there, or not back",
    BROKEN: "refused, nothing was moved; or wrong usage or configuration",
    UNREACHABLE: _SILENT,
}
UNDRAIN: Final[Exits] = {OK: "this host contends", BROKEN: "refused, or wrong usage", UNREACHABLE: _SILENT}
HEALTHCHECK: Final[Exits] = {
    OK: "every virtual router is MASTER or BACKUP",
    DEGRADED: "one is in FAULT or still starting, or the protocol loop is stuck",
    BROKEN: _USAGE,
    UNREACHABLE: _SILENT,
}
IMPORT: Final[Exits] = {
    OK: "translated, and nothing is left to do",
    DEGRADED: "translated, and a person has to decide something",
    BROKEN: "wrong usage, or nothing usable came out; nothing was written",
}
FLEET: Final[Exits] = {
    OK: "all are served and have a standby; with `--serve`: it was told to stop",
    DEGRADED: "the worst one is degraded, has no standby, a drained host, or hosts that differ",
    BROKEN: "one has two masters or none; or wrong usage or targets; with `--serve`: it cannot listen",
    UNREACHABLE: "the worst is a host that does not answer",
}
CLEANUP: Final[Exits] = {
    OK: "nothing is left behind",
    BROKEN: "wrong usage or configuration, NET_ADMIN is missing, or a sidecar runs; nothing was removed",
}
ALWAYS: Final[Exits] = {OK: "always", BROKEN: _USAGE}
