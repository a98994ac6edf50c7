"""One `virtual_server` as a pool of nginx, where it fits: HTTP, by TCP, to an address."""

from dataclasses import dataclass
from decimal import Decimal
from ipaddress import ip_address
from typing import Final

from sidecar.migrate.draft import Draft
from sidecar.migrate.entries import Entry, Plain, label
from sidecar.migrate.fact import duration, seconds, whole
from sidecar.migrate.finding import Findings
from sidecar.migrate.pool_check import PoolProbe, pool_probe
from sidecar.migrate.rule import apply
from sidecar.migrate.rules_server import REAL_SERVER
from sidecar.migrate.tree import Statement
from sidecar.migrate.words import Word

_HTTP_PORTS: Final = frozenset({"80", "8000", "8008", "8080", "8081", "8088", "8888", "3000", "5000"})
_ALGORITHMS: Final = {
    **dict.fromkeys(("rr", "wrr"), ""),
    **dict.fromkeys(("lc", "wlc", "sed", "nq", "lblc", "lblcr"), "least_conn"),
    **dict.fromkeys(("sh", "mh"), "ip_hash"),
}
_LARGEST_WEIGHT: Final = 100


@dataclass(frozen=True, slots=True)
class _Server:
    address: str
    weight: int
    statement: Statement
    draft: Draft


def pool(draft: Draft, taken: dict[str, Entry], findings: Findings) -> None:
    """Add the pool of a virtual server, or say why there is none."""
    inside = Findings()
    servers = _servers(draft, inside)
    probe = pool_probe(draft, [server.draft for server in servers], inside)
    why = _unfit(draft, servers, probe)
    if why:
        findings.decide(draft.opening, f"left out with its servers: {why}")
        return
    findings.items += inside.items
    name = label(f"{draft.name}-{draft.opening.values[1].text}", taken, "pool")
    upstream = name.replace(":", "-")
    entry = Entry((draft.opening.place,))
    entry.put("upstream", upstream, note=f"proxy_pass {probe.scheme}://{upstream}")
    listed: list[Plain] = [
        server.address if server.weight == 1 else {"address": server.address, "weight": server.weight}
        for server in servers
    ]
    entry.put("servers", tuple(listed), *(server.statement.place for server in servers))
    for key, value in probe.keys.items():
        entry.put(f"check.{key}", value, *probe.origins.get(key, ()))
    _times(draft, entry, findings)
    _sorry(draft, entry, findings)
    _balance(draft, entry, findings)
    entry.put("file", f"/etc/nginx/pools/{upstream}.conf", note="a folder that both share: docs/pools.md")
    entry.put("reload.pid_file", "/run/nginx.pid", note="or `container: NAME`: docs/pools.md")
    taken[name] = entry
    where = f"listen {draft.opening.values[1].text}; proxy_pass {probe.scheme}://{upstream};"
    findings.approximated(draft.opening, f"pools.{name}: nginx in place of LVS")
    findings.decide(
        draft.opening, f"nginx has to serve it: `{where}` and `include` of the pool's file (docs/pools.md)"
    )


def _servers(draft: Draft, findings: Findings) -> list[_Server]:
    found = []
    for keyword, statement in draft.said.items():
        if not keyword.startswith("real_server "):
            continue
        inside = Draft(statement)
        apply(REAL_SERVER, statement.body, inside, findings)
        where = _endpoint(statement.values)
        if where is None:
            findings.decide(statement, "it has no address and port that a proxy can connect to")
            continue
        weight = _weight(inside, findings)
        if weight == 0:
            findings.dropped(statement, "its weight is 0, so it gets no requests")
            continue
        findings.mapped(statement, f"servers: {where}")
        found.append(_Server(where, weight, statement, inside))
    return found


def _weight(inside: Draft, findings: Findings) -> int:
    statement = inside.said.get("weight")
    given = whole(statement, 0, 65535, findings) if statement else None
    if statement is None or given is None:
        return 1
    if given.value > _LARGEST_WEIGHT:
        findings.approximated(statement, f"weight: {_LARGEST_WEIGHT}, the largest here")
    elif given.value:
        findings.mapped(statement, f"servers: weight {given.value}")
    return min(given.value, _LARGEST_WEIGHT)


def _endpoint(words: tuple[Word, ...]) -> str | None:
    """Return `address:port`; None for a name, a firewall mark, or port 0."""
    if len(words) != 2 or not words[1].text.isdecimal() or not 1 <= int(words[1].text) <= 65535:  # noqa: PLR2004
        return None
    try:
        host = ip_address(words[0].text)
    except ValueError:
        return None
    return f"[{host}]:{words[1].text}" if host.version == 6 else f"{host}:{words[1].text}"  # noqa: PLR2004


def _unfit(draft: Draft, servers: list[_Server], probe: PoolProbe) -> str:
    """Why nginx's upstreams cannot stand in, or ""."""
    protocol = draft.said.get("protocol")
    if protocol and [word.text for word in protocol.values] not in (["TCP"], []):
        return "pools are for HTTP, which goes over TCP: keep LVS for it"
    if _endpoint(draft.opening.values) is None:
        return "it is not an address and a port: write one pool for each"
    if not servers:
        return "it has no server that nginx could send to"
    if "http" not in probe.keys and draft.opening.values[1].text not in _HTTP_PORTS:
        return (
            "nothing says that it speaks HTTP, and pools are for HTTP: keep LVS, or write the pool yourself"
        )
    return ""


def _times(draft: Draft, entry: Entry, findings: Findings) -> None:
    loop = draft.said.get("delay_loop")
    given = seconds(loop, findings) if loop else None
    if loop is not None and given is not None and Decimal("0.05") <= given.value <= Decimal(3600):
        entry.put("check.every", duration(given.value), given.place)
        findings.mapped(loop, f"check.every: {duration(given.value)}")
    elif loop is not None and given is not None:
        findings.decide(loop, "out of range here: 50ms to 1h; it is left out")


def _sorry(draft: Draft, entry: Entry, findings: Findings) -> None:
    statement = draft.said.get("sorry_server")
    if statement is None:
        return
    where = _endpoint(statement.values)
    if where is None:
        findings.decide(statement, "it has no address and port that a proxy can connect to")
        return
    entry.put("sorry", where, statement.place)
    findings.mapped(statement, f"sorry: {where}")


def _balance(draft: Draft, entry: Entry, findings: Findings) -> None:
    algorithm = draft.said.get("lb_algo") or draft.said.get("lvs_sched")
    sticky = draft.said.get("persistence_timeout")
    options: dict[str, Statement] = {}
    if algorithm is not None:
        name = algorithm.values[0].text if algorithm.values else ""
        ours = _ALGORITHMS.get(name)
        if ours is None:
            findings.decide(algorithm, f"{name} has no equal in nginx; it balances by turns")
        elif ours and sticky is not None:
            findings.approximated(algorithm, "left out: persistence_timeout goes first")
        elif ours:
            options[ours] = algorithm
            findings.approximated(algorithm, f"options: {ours}")
        else:
            findings.mapped(algorithm, "by turns and weight, nginx's default")
    if sticky is not None:
        options = {"ip_hash": sticky}
        findings.approximated(
            sticky, "options: ip_hash, for good, by the first three bytes of an IPv4 address"
        )
    if options:
        entry.put("options", tuple(options), *(statement.place for statement in options.values()))
    for keyword in ("quorum", "protocol", "weight"):
        statement = draft.said.get(keyword)
        if statement is None:
            continue
        if keyword == "quorum" and [word.text for word in statement.values] != ["1"]:
            findings.approximated(statement, "one server that passes is enough here")
        else:
            findings.mapped(statement, "so it is here")
