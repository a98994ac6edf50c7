"""The status document as a table of 80 columns. Pure."""

import time
from collections.abc import Iterator

from sidecar.cli import node_table
from sidecar.cli.table_text import BOLD, GREEN, PLAIN, RED, STATE_COLOURS, WIDTH, YELLOW, uncoloured
from sidecar.telemetry.document import Check, Pool, PoolServer, Router, Status
from sidecar.telemetry.plain_words import duration, excerpt, printable, short, wrapped
from sidecar.telemetry.verdict import Verdict

_LABEL = 10
_WHOLE = 100
_OLD = 1.0
"""Seconds after which a picture is not that of the moment at which it was asked for."""
_VERDICTS = {0: ("ok", GREEN), 1: ("degraded", YELLOW), 2: ("FAULT", RED)}


def render(status: Status, verdict: Verdict, now: float, *, colors: bool) -> str:
    """Return the table, with its last newline. `now` is Unix time."""
    lines = list(_lines(status, verdict, now))
    text = "\n".join(lines) + "\n"
    return text if colors else uncoloured(text)


def _lines(status: Status, verdict: Verdict, now: float) -> Iterator[str]:
    yield f"node {printable(status['node'])}, up {duration(status['uptime_seconds'])}, {_footer(status)}"
    if drain := status.get("drain"):
        yield from _remark(f"{drain['why']}: `vip-sidecar undrain` ends it")
    for router in status["virtual_routers"]:
        yield ""
        yield from _router(router, now, nodes=bool(status.get("nodes")))
    if status["checks"]:
        yield ""
        yield f"{'CHECK':<16} {'KIND':<10} {'RESULT':<7} {'SINCE':<8} LAST"
        for check in status["checks"]:
            yield _check(check, now)
    for pool in status.get("pools", []):
        yield ""
        yield from _pool(pool, now)
    yield from _nodes(status)
    yield ""
    yield from _processes(status)
    yield from _late(status)
    word, colour = _VERDICTS[verdict.code]
    yield f"{colour}{word}{PLAIN}"
    for reason in verdict.reasons:
        yield from wrapped(printable(reason), WIDTH, "! ", "  ")


def _nodes(status: Status) -> Iterator[str]:
    if status.get("nodes"):
        yield ""
        yield from node_table.lines(status["nodes"])


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


def _late(status: Status) -> Iterator[str]:
    """Tell that the router did not answer, if it is not stuck: then the verdict tells it."""
    loop = status["loop"]
    age = loop.get("picture_age_seconds", 0.0)
    if loop["alive"] and age > _OLD:
        yield from _remark(
            "the router did not answer in time: states and VIPs are those of its last sign of life, ages of "
            f"adverts and what is next those of {age:.1f} s ago"
        )


def _remark(text: str) -> Iterator[str]:
    yield from wrapped(printable(text), WIDTH, "* ", "  ")


def _footer(status: Status) -> str:
    return f"version {status['version']}, config {status['config_hash'][:12] or 'unknown'}"


def _router(router: Router, now: float, *, nodes: bool) -> Iterator[str]:
    state = router["state"]
    protocol = f"v{router['version']}/{router['mode']}"
    interface, device = router["interface"], router.get("device")
    where = printable(interface if device in (None, interface) else f"{interface} ({device})")
    title = f"{router['name']}  VRID {router['vrid']}  {where}  {protocol}"
    held = f"{state} for {duration(now - router['since'])}"
    gap = " " * max(2, WIDTH - len(title) - len(held))
    yield f"{BOLD}{title}{PLAIN}{gap}{STATE_COLOURS.get(state, BOLD)}{held}{PLAIN}"
    # In FAULT the cause holds now; else it is that of the last change, which may be long over.
    yield from _wrapped("why" if state == "FAULT" else "changed", router["reason"])
    if "next" in router:
        yield from _wrapped("next", router["next"]["sentence"])
    if "costs" in router and state in ("MASTER", "BACKUP"):
        yield from _wrapped("costs", router["costs"]["sentence"])
    priority = router["priority"]
    lowered = "" if priority["effective"] == priority["configured"] else f", now {priority['effective']}"
    yield from _wrapped("priority", f"{priority['configured']}{lowered}")
    if left := router["hold_down_seconds"]:
        until = time.strftime("%H:%M:%S", time.gmtime(now + left))
        held = f"down until {until} UTC ({duration(left)}): it failed too often and preempts no healthy host"
        yield from _wrapped("held", held)
    yield from _wrapped("master", _master(router))
    if state == "MASTER" and not nodes:
        yield from _wrapped("standby", "says nothing in VRRP; `nodes:` in the file shows it here")
    for hook in router.get("hooks", []):
        failures = f", {hook['failures']} failures" if hook["failures"] else ""
        took = f"{hook['took_seconds'] * 1000:.0f} ms"
        text = f"{hook['hook']} {hook['result']} in {took}, {duration(now - hook['at'])} ago{failures}"
        yield from _wrapped("hook", text)
    for vip in router["addresses"]:
        place = f"{GREEN}held here{PLAIN}" if vip["owned"] else "not here"
        wanted = f"  {RED}wanted here{PLAIN}" if vip["desired"] and not vip["owned"] else ""
        unnamed = "" if vip.get("advertised", True) else "  not advertised (MTU)"
        yield f"  {'VIP':<{_LABEL}}{vip['address']}  {place}{wanted}{unnamed}"


def _master(router: Router) -> str:
    master = router["master"]
    if master is None:
        return "none known"
    if router["state"] == "MASTER":
        return f"this host, as {master['source']}"
    age = master["last_advert_age_seconds"]
    return f"{master['source']} with priority {master['priority']}, heard {age:.1f} s ago"


def _check(check: Check, now: float) -> str:
    result, colour = {True: ("up", GREEN), False: ("DOWN", RED), None: ("-", YELLOW)}[check["up"]]
    head = f"{short(check['name'], 16):<16} {check['kind']:<10} {colour}{result:<7}{PLAIN} "
    room = WIDTH - 45
    return f"{head}{duration(now - check['since']):<8} {excerpt(printable(check['detail']), room)}"


def _pool(pool: Pool, now: float) -> Iterator[str]:
    colour = {"live": GREEN, "failed": RED}.get(pool["state"], YELLOW)
    mode = "" if pool["mode"] == "normal" else f"  {RED}{pool['mode']}{PLAIN}"
    state = f"{colour}{pool['state']}{PLAIN} for {duration(now - pool['since'])}"
    yield f"{BOLD}pool {pool['name']}{PLAIN}  generation {pool['generation']}  {state}{mode}"
    yield from _wrapped("why", pool["detail"])
    yield f"  {'SERVER':<25} {'RESULT':<7} {'TRAFFIC':<8} {'SINCE':<8} LAST"
    for server in pool["servers"]:
        yield _server(server, now)


def _server(server: PoolServer, now: float) -> str:
    result, colour = {True: ("up", GREEN), False: ("DOWN", RED), None: ("-", YELLOW)}[server["up"]]
    traffic = "no"
    if server["in_service"]:
        traffic = "yes" if server["ramp_percent"] == _WHOLE else f"{server['ramp_percent']}%"
    head = f"  {short(server['server'], 25):<25} {colour}{result:<7}{PLAIN} {traffic:<8} "
    room = WIDTH - 53
    return f"{head}{duration(now - server['since']):<8} {excerpt(printable(server['detail']), room)}"


def _wrapped(label: str, text: str) -> Iterator[str]:
    yield from wrapped(printable(text), WIDTH, f"  {label:<{_LABEL}}", " " * (2 + _LABEL))
