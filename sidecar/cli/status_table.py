"""The status document as a table of 80 columns. Pure."""

import textwrap
import time
from collections.abc import Iterator

from sidecar.cli.verdict import Verdict
from sidecar.telemetry.document import Check, Pool, PoolServer, Router, Status

_WIDTH = 80
_LABEL = 10
_WHOLE = 100
_RED, _GREEN, _YELLOW, _BOLD, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[1m", "\x1b[0m"
_STATE_COLOURS = {"MASTER": _GREEN, "BACKUP": _BOLD, "FAULT": _RED, "INIT": _YELLOW}
_VERDICTS = {0: ("ok", _GREEN), 1: ("degraded", _YELLOW), 2: ("FAULT", _RED)}
_DAY, _HOUR, _MINUTE = 86400, 3600, 60


def render(status: Status, verdict: Verdict, now: float, *, colors: bool) -> str:
    """Return the table, with its last newline. `now` is Unix time."""
    lines = list(_lines(status, verdict, now))
    text = "\n".join(lines) + "\n"
    if colors:
        return text
    for code in (_RED, _GREEN, _YELLOW, _BOLD, _PLAIN):
        text = text.replace(code, "")
    return text


def duration(seconds: float) -> str:
    """Return a span of time in its two largest units."""
    whole = max(0, int(seconds))
    if whole < _MINUTE:
        return f"{max(0.0, seconds):.1f}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE}m"
    return f"{whole // _DAY}d {whole % _DAY // _HOUR}h"


def _lines(status: Status, verdict: Verdict, now: float) -> Iterator[str]:
    yield f"node {_printable(status['node'])}, up {duration(status['uptime_seconds'])}, {_footer(status)}"
    for router in status["virtual_routers"]:
        yield ""
        yield from _router(router, now)
    if status["checks"]:
        yield ""
        yield f"{'CHECK':<16} {'KIND':<10} {'RESULT':<7} {'SINCE':<8} LAST"
        for check in status["checks"]:
            yield _check(check, now)
    for pool in status.get("pools", []):
        yield ""
        yield from _pool(pool, now)
    yield ""
    yield from _processes(status)
    word, colour = _VERDICTS[verdict.code]
    yield f"{colour}{word}{_PLAIN}"
    for reason in verdict.reasons:
        yield from textwrap.wrap(_printable(reason), _WIDTH, initial_indent="! ", subsequent_indent="  ")


def _processes(status: Status) -> Iterator[str]:
    processes = status.get("processes")
    if processes is None or processes["router"] is None:
        return
    observer = processes["observer"]
    if not observer["apart"]:
        yield from _remark(
            f"the observer has the router's user, uid {observer['uid']}, and may read its files, such as "
            "keys; `run --observer-user UID:GID` mends that"
        )
    if observer["restarts"]:
        yield from _remark(f"the observer was started again {observer['restarts']} times; the log says why")


def _remark(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, _WIDTH, initial_indent="* ", subsequent_indent="  ")


def _footer(status: Status) -> str:
    return f"version {status['version']}, config {status['config_hash'][:12] or 'unknown'}"


def _router(router: Router, now: float) -> Iterator[str]:
    state = router["state"]
    protocol = f"v{router['version']}/{router['mode']}"
    interface, device = router["interface"], router.get("device")
    where = interface if device in (None, interface) else f"{interface} ({device})"
    title = f"{router['name']}  VRID {router['vrid']}  {where}  {protocol}"
    held = f"{state} for {duration(now - router['since'])}"
    gap = " " * max(2, _WIDTH - len(title) - len(held))
    yield f"{_BOLD}{title}{_PLAIN}{gap}{_STATE_COLOURS.get(state, _BOLD)}{held}{_PLAIN}"
    yield from _wrapped("why", router["reason"])
    priority = router["priority"]
    lowered = "" if priority["effective"] == priority["configured"] else f", now {priority['effective']}"
    yield from _wrapped("priority", f"{priority['configured']}{lowered}")
    if left := router["hold_down_seconds"]:
        until = time.strftime("%H:%M:%S", time.gmtime(now + left))
        held = f"down until {until} UTC ({duration(left)}): it failed too often and preempts no healthy host"
        yield from _wrapped("held", held)
    yield from _wrapped("master", _master(router))
    for vip in router["addresses"]:
        place = f"{_GREEN}held here{_PLAIN}" if vip["owned"] else "not here"
        wanted = f"  {_RED}wanted here{_PLAIN}" if vip["desired"] and not vip["owned"] else ""
        yield f"  {'VIP':<{_LABEL}}{vip['address']}  {place}{wanted}"


def _master(router: Router) -> str:
    master = router["master"]
    if master is None:
        return "none known"
    if router["state"] == "MASTER":
        return f"this host, as {master['source']}"
    silence = router["master_down_interval_seconds"]
    return (
        f"{master['source']} with priority {master['priority']}, heard "
        f"{master['last_advert_age_seconds']:.1f} s ago; takeover after {silence:.2f} s of silence"
    )


def _check(check: Check, now: float) -> str:
    result, colour = {True: ("up", _GREEN), False: ("DOWN", _RED), None: ("-", _YELLOW)}[check["up"]]
    head = f"{_short(check['name'], 16):<16} {check['kind']:<10} {colour}{result:<7}{_PLAIN} "
    room = _WIDTH - 45
    return f"{head}{duration(now - check['since']):<8} {_short(_printable(check['detail']), room)}"


def _pool(pool: Pool, now: float) -> Iterator[str]:
    colour = {"live": _GREEN, "failed": _RED}.get(pool["state"], _YELLOW)
    mode = "" if pool["mode"] == "normal" else f"  {_RED}{pool['mode']}{_PLAIN}"
    state = f"{colour}{pool['state']}{_PLAIN} for {duration(now - pool['since'])}"
    yield f"{_BOLD}pool {pool['name']}{_PLAIN}  generation {pool['generation']}  {state}{mode}"
    yield from _wrapped("why", pool["detail"])
    yield f"  {'SERVER':<25} {'RESULT':<7} {'TRAFFIC':<8} {'SINCE':<8} LAST"
    for server in pool["servers"]:
        yield _server(server, now)


def _server(server: PoolServer, now: float) -> str:
    result, colour = {True: ("up", _GREEN), False: ("DOWN", _RED), None: ("-", _YELLOW)}[server["up"]]
    traffic = "no"
    if server["in_service"]:
        traffic = "yes" if server["ramp_percent"] == _WHOLE else f"{server['ramp_percent']}%"
    head = f"  {_short(server['server'], 25):<25} {colour}{result:<7}{_PLAIN} {traffic:<8} "
    room = _WIDTH - 53
    return f"{head}{duration(now - server['since']):<8} {_short(_printable(server['detail']), room)}"


def _short(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 3] + "..."


def _wrapped(label: str, text: str) -> Iterator[str]:
    indent = " " * (2 + _LABEL)
    lines = textwrap.wrap(_printable(text), _WIDTH - len(indent)) or [""]
    yield f"  {label:<{_LABEL}}{lines[0]}"
    for line in lines[1:]:
        yield indent + line


def _printable(text: str) -> str:
    """Take the control characters out: details quote what a checked server said."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
