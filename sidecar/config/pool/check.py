"""How the servers of a pool are probed."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from sidecar.config.entry import Entry
from sidecar.config.expect import Expect
from sidecar.config.mistake import Finding
from sidecar.config.pace import Pace
from sidecar.config.rules import Rule, rule
from sidecar.config.values.authorities import unusable_authorities
from sidecar.config.values.check_scalars import Headers, HostHeader, ServerName
from sidecar.config.values.pool_scalars import AbsolutePath, UriPath
from sidecar.config.values.scalars import Flag, Seconds, Whole

_OF_TLS: Final = ("verify", "sni", "ca")
_OF_REQUEST: Final = ("scheme", "port", "method", "host", "headers", *_OF_TLS)


@rule("icmp", "tcp", "http")
def one_layer(entry: Entry["PoolCheck"]) -> Iterator[Finding]:
    """A check asks something."""
    check = entry.model
    if not (check.icmp or check.tcp or check.http):
        yield Finding(entry.path, "pool-layers", "every layer is off, so nothing is checked; switch one on")


@rule("expect", "http", "method")
def only_of_an_answer(entry: Entry["PoolCheck"]) -> Iterator[Finding]:
    """An expectation is of an answer, and the answer to HEAD has no body."""
    check, path = entry.model, (*entry.path, "expect")
    if "expect" in entry.given and check.http is None:
        message = "there is no answer to compare without `http`; add `http: /path`, or remove `expect`"
        yield Finding(path, "http-only", message, at_key=True)
    if check.method == "HEAD" and check.expect.body is not None:
        message = "the answer to HEAD has no body; remove `body`, or use GET"
        yield Finding((*path, "body"), "http-body", message, at_key=True)


@rule("http", "scheme")
def only_of_a_request(entry: Entry["PoolCheck"]) -> Iterator[Finding]:
    """A request has keys only where there is one, and TLS has keys only where it is spoken."""
    check = entry.model
    for key in _OF_REQUEST:
        if key in entry.given and check.http is None:
            message = f"there is no request without `http`; add `http: /path`, or remove `{key}`"
            yield Finding((*entry.path, key), "http-only", message, at_key=True)
    for key in _OF_TLS:
        if key in entry.given and check.scheme != "https":
            message = f"there is no certificate without TLS; add `scheme: https`, or remove `{key}`"
            yield Finding((*entry.path, key), "https-only", message, at_key=True)


@rule("ca", "verify")
def usable_ca(entry: Entry["PoolCheck"]) -> Iterator[Finding]:
    """Authorities must be known before the first handshake."""
    check, path = entry.model, (*entry.path, "ca")
    if check.ca is not None and not check.verify:
        message = "without `verify: true` nobody looks at the authorities; add it, or remove `ca`"
        yield Finding(path, "ca", message, at_key=True)
    elif check.ca is not None:
        yield from unusable_authorities(check.ca, path)


class PoolCheck(Pace):
    """How each server is probed, in layers: icmp, then tcp, then http. The first layer that fails decides."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (
        *Pace.rules,
        one_layer,
        only_of_an_answer,
        only_of_a_request,
        usable_ca,
    )

    icmp: Flag = False
    """Ask the host for an echo reply first; tells a dead host from a dead server."""
    tcp: Flag = True
    """Connect to the port."""
    http: UriPath | None = None
    """Path to ask for, such as /healthz."""
    scheme: Literal["http", "https"] = "http"
    """How it is asked for; write what `proxy_pass` has."""
    port: Whole | None = Field(default=None, ge=1, le=65535)
    """Port to ask for it, default that of the server; `tcp` connects to the server's own all the same."""
    method: Literal["GET", "HEAD", "OPTIONS", "POST"] = "GET"
    """Method of the request, without a body."""
    host: HostHeader | None = None
    """Host header, default address:port of the server; write what nginx sends (`proxy_set_header Host`)."""
    headers: Headers = Field(default={})
    """Further headers of the request."""
    verify: Flag = False
    """Verify the certificate; off by default, as `proxy_ssl_verify` is; https only."""
    sni: ServerName | None = None
    """Name that TLS asks for and verifies, default `host`; https only."""
    ca: AbsolutePath | None = None
    """PEM file with the authorities to trust instead of the system's; https with `verify` only."""
    every: Seconds | None = None
    """Time between two probes of a server, 50ms to 1h, default 1s."""
    timeout: Seconds | None = None
    """Total time of one probe over all layers, 10ms to 1m, default 500ms or `every` if that is less."""
    rise: Whole = Field(default=2, ge=1, le=100)
    """Consecutive successes that bring a failed server back."""
    fall: Whole = Field(default=2, ge=1, le=100)
    """Consecutive failures that take a server out."""
    expect: Expect = Expect()
    """Conditions on the answer; with `http` only."""
