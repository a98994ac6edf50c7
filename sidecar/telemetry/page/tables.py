"""VIPs, checks, and the servers of pools as tables. Pure."""

from collections.abc import Iterator
from typing import Final

from sidecar.telemetry.document import Check, Node, Pool, PoolServer, Router, Status, VipClaim
from sidecar.telemetry.page.model import LONGEST, Row, Table, Tone, table
from sidecar.telemetry.page.split import second_holders
from sidecar.telemetry.plain_words import excerpt, moment, printable, roughly

_RESULTS: Final = {True: ("up", Tone.WELL), False: ("DOWN", Tone.BAD), None: ("no verdict", Tone.LOOK)}
_WHOLE: Final = 100
_MOST_ANSWERS: Final = 3
_OLD: Final = 5.0
"""Seconds after which the age of a result is worth a word."""


def vips(status: Status) -> Table:
    """Return a row for each VIP: whether this host should have it, whether it has, and who else does."""
    elsewhere = {
        address: node
        for node in status["nodes"]
        # What a host had that does not answer now, it may have no more.
        if node["fault"] is None
        for router in node["virtual_routers"]
        for address in router["owned"]
    }
    twice = second_holders(status)
    rows = [
        _vip(vip, router, elsewhere.get(vip["address"].partition("/")[0]), twice)
        for router in status["virtual_routers"]
        for vip in router["addresses"]
    ]
    return table("vips", "Virtual IPs", rows)


def _vip(vip: VipClaim, router: Router, other: Node | None, twice: set[str]) -> Row:
    address = vip["address"]
    tone, state = Tone.IDLE, "not here"
    if vip["owned"]:
        tone, state = Tone.WELL, "held here"
        if not vip["desired"]:
            tone, state = Tone.LOOK, "held here, and not wanted"
    elif vip["desired"]:
        tone, state = Tone.BAD, "wanted here, and missing"
    there = ""
    if other is not None:
        name = _said(other["node"] or other["url"])
        if not vip["owned"] or other["url"] in twice:
            there = f"held by {name}"
            tone = Tone.BAD if vip["owned"] else tone
        else:
            # The VIP has just come here. That host says so as soon as it is asked again.
            there = f"{name} had it {roughly(other['age_seconds'] or 0.0)} ago"
    device = printable(router["device"] or "none")
    return Row(tone, (address, printable(router["name"]), state, device, _answers(vip, router), there))


def _answers(vip: VipClaim, router: Router) -> str:
    """Return the machines that answer for a VIP: this one, and MAC addresses of others that were heard."""
    address = vip["address"].partition("/")[0]
    said = [claim for claim in router["claims"] if claim["address"] == address]
    own = [f"{vip['mac']} (this host)" if vip["mac"] else "this host"] if vip["owned"] else []
    others = [f"{claim['mac']} ({claim['source'] or 'unknown'})" for claim in said[:_MOST_ANSWERS]]
    for number, claim in enumerate(said[1:_MOST_ANSWERS], 1):
        # The latest answers now. An earlier one may be the host that served before.
        others[number] += f", {roughly(claim['age_seconds'])} ago"
    more = len(said) - _MOST_ANSWERS
    return "; ".join([*own, *others, *([f"{more} more"] if more > 0 else [])])


def checks(status: Status) -> Table:
    """Return a row for each check, with the last detail in a cell."""
    rows = [_check(check, status["at"]) for check in status["checks"]]
    return table("checks", "Checks", rows)


def _check(check: Check, now: float) -> Row:
    result, tone = _RESULTS[check["up"]]
    last = f"{_said(check['detail'])}{_aged(check['age_seconds'])}"
    return Row(tone, (printable(check["name"]), check["kind"], result, _since(check["since"], now), last))


def pools(status: Status) -> Iterator[Table]:
    """Yield a table of servers for each pool, the worst pool first."""
    tables = [_pool(pool, status["at"]) for pool in status["pools"]]
    yield from sorted(tables, key=lambda each: each.rows[0].tone.rank if each.rows else 0)


def _pool(pool: Pool, now: float) -> Table:
    name = printable(pool["name"])
    mode = "" if pool["mode"] == "normal" else f", {pool['mode'].replace('_', ' ')}"
    title = f"Pool {name}: {pool['state']}{mode}, generation {pool['generation']}"
    rows = [_server(server, now) for server in pool["servers"]]
    note = _said(pool["detail"])
    if pool["cut_off"]:
        note = f"{note}; this host judges no server of it: {_said(pool['cut_off'])}"
    return table("pool", title, rows, note)


def _server(server: PoolServer, now: float) -> Row:
    result, tone = _RESULTS[server["up"]]
    traffic = "no"
    if server["in_service"]:
        traffic = "yes" if server["ramp_percent"] == _WHOLE else f"{server['ramp_percent']} %"
    last = f"{_said(server['detail'])}{_aged(server['age_seconds'])}"
    return Row(tone, (_said(server["server"]), result, traffic, _since(server["since"], now), last))


def _since(since: float, now: float) -> str:
    return f"{moment(since, now)}, {roughly(now - since)}"


def _aged(age: float | None) -> str:
    return "" if age is None or age < _OLD else f" ({roughly(age)} ago)"


def _said(text: str) -> str:
    return excerpt(printable(text), LONGEST)
