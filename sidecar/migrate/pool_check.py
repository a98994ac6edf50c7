"""The checkers of real servers as the one check of a pool."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sidecar.migrate.draft import Draft
from sidecar.migrate.entries import Plain
from sidecar.migrate.fact import duration, seconds, text, whole
from sidecar.migrate.finding import Findings
from sidecar.migrate.place import Place
from sidecar.migrate.rule import apply
from sidecar.migrate.rules_server import CHECKER, CHECKER_NAMES, URL
from sidecar.migrate.tree import Statement

_KNOWN = ("HTTP_GET", "SSL_GET", "TCP_CHECK", "PING_CHECK")
_DEFAULT_STATUS = "200-299"
_LONGEST_TIMEOUT, _SHORTEST_TIMEOUT = Decimal(60), Decimal("0.01")


@dataclass(slots=True)
class PoolProbe:
    """The keys of a pool's check."""

    keys: dict[str, Plain] = field(default_factory=dict)
    origins: dict[str, tuple[Place, ...]] = field(default_factory=dict)

    @property
    def scheme(self) -> str:
        """How nginx asks the servers, as far as the checkers tell."""
        return str(self.keys.get("scheme", "http"))

    def put(self, key: str, value: Plain, place: Place) -> None:
        """Set a key."""
        self.keys[key] = value
        self.origins[key] = (place,)


def pool_probe(draft: Draft, servers: Sequence[Draft], findings: Findings) -> PoolProbe:
    """Return the check of all servers: that of the first one, because a pool has one."""
    probes = [_of_block(server, findings) for server in servers]
    general = _of_block(draft, findings)
    found = next((probe for probe in probes if probe.keys), general)
    differ = [
        server
        for server, probe in zip(servers, probes, strict=True)
        if probe.keys and probe.keys != found.keys
    ]
    for server in differ:
        findings.decide(
            server.opening, "it is checked otherwise than the first server, and a pool has one check"
        )
    host = draft.said.get("virtualhost")
    if host is not None and host.values:
        found.put("host", host.values[0].text, host.place)
        findings.mapped(host, f"check.host: {host.values[0].text}")
    for keyword in ("retry", "connect_timeout"):
        statement = draft.said.get(keyword)
        if statement is not None:
            _time(statement, found, findings)
    return found


def _of_block(block: Draft, findings: Findings) -> PoolProbe:
    probe = PoolProbe()
    for name in block.said.keys() & CHECKER_NAMES:
        statement = block.said[name]
        if name not in _KNOWN:
            findings.decide(statement, "a pool's check is icmp, tcp and http: this one is left out")
            continue
        inside = Draft(statement)
        apply(CHECKER, statement.body, inside, findings)
        _read(name, inside, probe, findings)
    for keyword in ("retry", "connect_timeout"):
        if keyword in block.said and block.opening.keyword == "real_server":
            _time(block.said[keyword], probe, findings)
    return probe


def _read(name: str, inside: Draft, probe: PoolProbe, findings: Findings) -> None:
    place = inside.opening.place
    if name == "PING_CHECK":
        probe.put("icmp", True, place)
        probe.put("tcp", False, place)
    elif name == "TCP_CHECK":
        probe.put("tcp", True, place)
    else:
        _http(name, inside, probe, findings)
    findings.mapped(inside.opening, f"check: {', '.join(probe.keys)}")
    for keyword in ("retry", "nb_get_retry", "connect_timeout"):
        if keyword in inside.said:
            _time(inside.said[keyword], probe, findings)
    port = inside.said.get("connect_port")
    given = whole(port, 1, 65535, findings) if port else None
    if port is not None and given is not None:
        if "http" in probe.keys:
            probe.put("port", given.value, port.place)
            findings.mapped(port, f"check.port: {given.value}")
        else:
            findings.decide(port, "`port` is for an http check here; tcp connects to the server's own port")
    sni = inside.said.get("sni_name")
    if sni is not None and sni.values:
        probe.put("sni", sni.values[0].text, sni.place)
        findings.mapped(sni, f"check.sni: {sni.values[0].text}")


def _http(name: str, inside: Draft, probe: PoolProbe, findings: Findings) -> None:
    url = Draft(inside.said.get("url", inside.opening))
    if "url" in inside.said:
        apply(URL, url.opening.body, url, findings)
        findings.mapped(url.opening, "check.http")
    path = text(url.said["path"], findings) if "path" in url.said else None
    where = path.value if path is not None and path.value.startswith("/") else "/"
    probe.put("http", where, path.place if path else inside.opening.place)
    if name == "SSL_GET":
        probe.put("scheme", "https", inside.opening.place)
    if "path" in url.said:
        findings.mapped(url.said["path"], f"check.http: {where}")
    status = url.said.get("status_code")
    codes = ",".join(word.text for word in status.values) if status else _DEFAULT_STATUS
    probe.put("expect.status", codes, status.place if status else inside.opening.place)
    if status:
        findings.mapped(status, f"check.expect.status: {codes}")
    for block in (inside, url):
        host = block.said.get("virtualhost")
        if host is not None and host.values:
            probe.put("host", host.values[0].text, host.place)
            findings.mapped(host, f"check.host: {host.values[0].text}")


def _time(statement: Statement, probe: PoolProbe, findings: Findings) -> None:
    if statement.keyword == "connect_timeout":
        given = seconds(statement, findings)
        if given is not None:
            used = duration(min(max(given.value, _SHORTEST_TIMEOUT), _LONGEST_TIMEOUT))
            probe.put("timeout", used, statement.place)
            findings.mapped(statement, f"check.timeout: {used}")
        return
    count = whole(statement, 0, 99, findings)
    if count is not None:
        probe.put("fall", count.value + 1, statement.place)
        probe.put("rise", 1, statement.place)
        findings.mapped(statement, f"check.fall: {count.value + 1}, check.rise: 1")
