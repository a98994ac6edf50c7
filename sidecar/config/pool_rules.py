"""Rules about pools."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from sidecar.config.mistake import Finding, quoted
from sidecar.config.pool_model import Pool, Reload
from sidecar.config.rules import LABEL, rule, warning
from sidecar.config.shape import Entry
from sidecar.config.values.authorities import unusable_authorities
from sidecar.plan.endpoints import Endpoint

_TIMES = {
    "slow_start": (0.0, 600.0, "0s to 10m"),
    "reload_every": (0.1, 3600.0, "100ms to 1h"),
}
_OF_TLS = ("verify", "sni", "ca")
_OF_REQUEST = ("scheme", "port", "method", "host", "headers", *_OF_TLS)
_CHECK_TIMES = {"every": (0.05, 3600.0, "50ms to 1h"), "timeout": (0.01, 60.0, "10ms to 1m")}


@rule()
def pool_name(entry: Entry[Pool]) -> Iterator[Finding]:
    """A pool's name is a label."""
    name = str(entry.path[-1])
    if not re.fullmatch(LABEL, name):
        message = f"{quoted(name)} is no pool name; use 1 to 32 letters, digits, _ or -"
        yield Finding(entry.path, "name", message, at_key=True)


@rule("slow_start", "reload_every")
def pool_times(entry: Entry[Pool]) -> Iterator[Finding]:
    """Times that cannot work."""
    for key, (least, most, text) in _TIMES.items():
        if not least <= getattr(entry.model, key) <= most:
            yield Finding((*entry.path, key), "pool-time", f"out of range; write {text}")


@rule("check")
def pool_check(entry: Entry[Pool]) -> Iterator[Finding]:
    """A check has at least one layer, times that can work, and an expectation only of an answer."""
    check, path = entry.model.check, (*entry.path, "check")
    for key, (least, most, text) in _CHECK_TIMES.items():
        value = getattr(check, key)
        if value is not None and not least <= value <= most:
            yield Finding((*path, key), "pool-time", f"out of range; write {text}")
    if not (check.icmp or check.tcp or check.http):
        yield Finding(path, "pool-layers", "every layer is off, so nothing is checked; switch one on")
    if "expect" in check.model_fields_set and check.http is None:
        message = "there is no answer to compare without `http`; add `http: /path`, or remove `expect`"
        yield Finding((*path, "expect"), "http-only", message, at_key=True)
    if check.timeout is not None and check.timeout > check.interval:
        message = (
            f"longer than `every` ({check.interval:g}s): a hung server delays its next probe; make it shorter"
        )
        yield warning((*path, "timeout"), "timeout-over-every", message)


@rule("check")
def pool_request(entry: Entry[Pool]) -> Iterator[Finding]:
    """A request has keys only where there is one, and TLS has keys only where it is spoken."""
    check, path = entry.model.check, (*entry.path, "check")
    for key in _OF_REQUEST:
        if key in check.model_fields_set and check.http is None:
            message = f"there is no request without `http`; add `http: /path`, or remove `{key}`"
            yield Finding((*path, key), "http-only", message, at_key=True)
    for key in _OF_TLS:
        if key in check.model_fields_set and check.scheme != "https":
            message = f"there is no certificate without TLS; add `scheme: https`, or remove `{key}`"
            yield Finding((*path, key), "https-only", message, at_key=True)
    if check.method == "HEAD" and check.expect.body is not None:
        message = "the answer to HEAD has no body; remove `body`, or use GET"
        yield Finding((*path, "expect", "body"), "http-body", message, at_key=True)
    if check.ca is not None and not check.verify:
        message = "without `verify: true` nobody looks at the authorities; add it, or remove `ca`"
        yield Finding((*path, "ca"), "ca", message, at_key=True)
    elif check.ca is not None:
        yield from unusable_authorities(check.ca, (*path, "ca"))


@rule("server_options")
def pool_passive_checks(entry: Entry[Pool]) -> Iterator[Finding]:
    """With passive checks any page that fails often enough takes a healthy server from everybody."""
    for index, word in enumerate(entry.model.server_options):
        if re.fullmatch(r"max_fails=0*[1-9][0-9]*", word):
            message = (
                "visitors can empty the upstream: one page that fails on every server takes all of them out; "
                "write max_fails=0, the probes decide who is out"
            )
            yield warning((*entry.path, "server_options", index), "pool-max-fails", message)


@rule("reload")
def pool_reload(entry: Entry[Pool]) -> Iterator[Finding]:
    """One nginx loads the file."""
    reload, path = entry.model.reload, (*entry.path, "reload")
    if not _is_one(reload):
        message = "say which nginx loads the file; write exactly one of `container` and `pid_file`"
        yield Finding(path, "pool-reload", message)
    if not 0.1 <= reload.timeout <= 300:  # noqa: PLR2004 - the text beside it says the same
        yield Finding((*path, "timeout"), "pool-time", "out of range; write 100ms to 5m")
    if not reload.test:
        message = "without a test nginx alone refuses a broken configuration, and only its own log says why"
        yield warning((*path, "test"), "pool-untested", message)


@rule("servers")
def servers_once(entry: Entry[Pool]) -> Iterator[Finding]:
    """Two entries of one server would share its fate and double its weight in secret."""
    seen: set[Endpoint] = set()
    for index, server in enumerate(entry.model.servers):
        if server.address in seen:
            message = "this server is in the list already; write it once, with the weight that it should have"
            yield Finding((*entry.path, "servers", index), "server-twice", message)
        seen.add(server.address)


@rule("sorry", "token")
def pool_addresses(entry: Entry[Pool]) -> Iterator[Finding]:
    """What nginx gets as it stands is no name: one that does not resolve keeps nginx from starting."""
    for key in ("sorry", "token"):
        endpoint: Endpoint | None = getattr(entry.model, key)
        if endpoint is not None and not _is_address(endpoint.host):
            message = f"{quoted(endpoint.host)} is a name; write an address such as 127.0.0.1"
            yield Finding((*entry.path, key), "pool-address", message)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


POOL_RULES = (
    pool_name,
    pool_times,
    pool_check,
    pool_request,
    pool_passive_checks,
    pool_reload,
    servers_once,
    pool_addresses,
)


def pool_needs_docker(entry: Entry[Pool], *, has_docker: bool) -> Iterator[Finding]:
    """A container is told through the Docker engine."""
    if "reload" not in entry.wrong and entry.model.reload.container is not None and not has_docker:
        message = (
            "telling a container needs the Docker engine, and there is no `docker:` section; "
            "add the line `docker: {url: unix:///var/run/docker.sock}`"
        )
        yield Finding((*entry.path, "reload", "container"), "no-docker", message, at_key=True)


@dataclass(frozen=True, slots=True)
class _Claim:
    """Something that only one pool can have, or only the pools of one nginx. `key` is where it stands."""

    key: str
    what: object
    mend: str


def pools_apart(pools: Mapping[str, Entry[Pool]]) -> Iterator[Finding]:
    """Two pools must not write one file, make one upstream, or prove themselves under one name."""
    owners: dict[tuple[str, object], str] = {}
    nginxes: dict[Endpoint, Reload] = {}
    for name, entry in pools.items():
        for claim in _claims(name, entry):
            other = owners.setdefault((claim.key, claim.what), name)
            if other != name:
                message = f"pool {quoted(other)} has the same; {claim.mend}"
                path = entry.path if claim.key == "name" else (*entry.path, claim.key)
                yield Finding(path, "pool-twice", message, at_key=claim.key == "name")
        if entry.wrong.isdisjoint({"token", "reload"}) and _is_one(entry.model.reload):
            first = nginxes.setdefault(entry.model.token, entry.model.reload)
            if _nginx(first) != _nginx(entry.model.reload):
                message = (
                    "two nginx cannot listen on one port; give the pools of each nginx a port of their own"
                )
                yield Finding((*entry.path, "token"), "pool-token", message)


def _is_one(reload: Reload) -> bool:
    return (reload.container is None) is not (reload.pid_file is None)


def _nginx(reload: Reload) -> tuple[object, object]:
    return reload.container, reload.pid_file


def _claims(name: str, entry: Entry[Pool]) -> Iterator[_Claim]:
    yield _Claim("name", name.lower(), "names that differ in capitals alone cannot be told apart; rename one")
    if "file" not in entry.wrong:
        yield _Claim("file", entry.model.file, "give each pool a file of its own")
    if entry.wrong.isdisjoint({"upstream", "reload"}):
        upstream = entry.model.upstream, _nginx(entry.model.reload)
        yield _Claim("upstream", upstream, "nginx refuses two upstreams of one name; rename one")
