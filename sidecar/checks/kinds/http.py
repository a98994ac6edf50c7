"""The http check: a request whose whole answer is within the deadline, well formed and as expected.

An own small client: a probe needs one total deadline over lookup, connect, TLS, headers and
body, hard caps on memory, and a word for every way to fail. Redirects are answers, not instructions.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.checks import os_errors
from sidecar.checks.dial import READ_LIMIT, Dial, Streams, hang_up
from sidecar.checks.http import certificate, openssl
from sidecar.checks.http.reply import HttpReply
from sidecar.checks.http.trust import Trust
from sidecar.checks.idle_connection_watch import IdleConnectionWatch
from sidecar.checks.pattern import Pattern
from sidecar.checks.probe import Finding, ProbeProgress, Tools, Watch
from sidecar.checks.schedule import Polled, pace_of
from sidecar.core.health.result import Outcome
from sidecar.plan.check import EXPIRY_WARNING, HttpCheck
from sidecar.plan.endpoints import HttpUrl
from sidecar.plan.request import Expect, Header

_DEFAULT_PORTS: Final = {False: 80, True: 443}


def build(check: HttpCheck, tools: Tools) -> Watch:
    """Return the watch of an http check. Raise OSError when the certificate store cannot be read."""
    url = check.url
    name = check.sni or (None if check.host is None else without_port(check.host))
    dial = Dial(url.host, url.port, tools.resolver, url.unix_socket, name)
    pace = pace_of(check)
    pattern = None if check.expect.regex is None else Pattern(check.expect.regex, tools.programs)
    probe = HttpProbe(
        dial,
        request(url, check.method, check.host, check.headers),
        check.expect,
        Trust(verify=check.verify, ca=check.ca) if url.tls else None,
        bodiless=check.method == "HEAD",
        expiry_warning=check.expiry_warning,
        pattern=pattern,
    )
    return Polled(
        probe,
        pace,
        tools.stalls,
        IdleConnectionWatch(dial, pace.deadline),
        None if pattern is None else pattern.close,
    )


def request(
    url: HttpUrl, method: str = "GET", host: str | None = None, headers: Sequence[Header] = ()
) -> bytes:
    """Return the bytes of the request. `host` is the Host header, where it is not that of the URL."""
    if host is None:
        host = _host_of(url)
    lines = [
        f"{method} {url.target or '/'} HTTP/1.1",
        f"Host: {host}",
        "Connection: close",
    ]
    own = {"User-Agent": "vip-sidecar", "Accept": "*/*"}
    given = {header.name.lower() for header in headers}
    lines += [f"{name}: {value}" for name, value in own.items() if name.lower() not in given]
    lines += [f"{header.name}: {header.value}" for header in headers]
    if method == "POST":
        lines.append("Content-Length: 0")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _host_of(url: HttpUrl) -> str:
    if url.unix_socket is not None:
        return "localhost"
    # A zone is of meaning on this host alone (RFC 6874 section 1).
    host = f"[{url.host.partition('%')[0]}]" if ":" in url.host else url.host
    return host if url.port == _DEFAULT_PORTS[url.tls] else f"{host}:{url.port}"


def without_port(host: str) -> str:
    """Return the name in a Host header."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """Asks once over a connection of its own. `expiry_warning` in seconds; `pattern` must be in the body."""

    dial: Dial
    request: bytes
    expect: Expect
    tls: Trust | None = None
    bodiless: bool = False
    expiry_warning: float = EXPIRY_WARNING
    pattern: Pattern | None = None

    async def __call__(self, phase: ProbeProgress) -> Finding:
        """Pass when status and body are as expected."""
        try:
            streams = await self.dial.open(None if self.tls is None else self.tls.context, phase)
        except OSError as error:
            if self.tls is not None and openssl.is_distrust(error):
                self.tls.doubt()
            return os_errors.unconnected(error, self.dial.host)
        try:
            if self.tls is not None:
                self._look_at_certificate(streams[1], phase)
            return await self._ask(streams, phase)
        except OSError as error:
            return os_errors.finding(error)
        finally:
            hang_up(streams[1])

    def _look_at_certificate(self, writer: asyncio.StreamWriter, phase: ProbeProgress) -> None:
        secured = writer.get_extra_info("ssl_object")
        der = secured.getpeercert(binary_form=True) if secured is not None else None
        expires = certificate.not_after(der) if der else None
        if expires is not None:
            phase.certificate_expires = expires
            phase.warning = certificate.warning(expires, time.time(), self.expiry_warning)

    async def _ask(self, streams: Streams, phase: ProbeProgress) -> Finding:
        reader, writer = streams
        clock = asyncio.get_running_loop().time
        reply = HttpReply(bodiless=self.bodiless)
        phase.reached = f"connected, {reply.waiting}"
        asked = clock()
        writer.write(self.request)
        while not reply.complete and reply.fault is None:
            data = await reader.read(READ_LIMIT)
            phase.took.setdefault("first_byte", clock() - asked)
            if data:
                reply.feed(data)
            else:
                reply.end()
            phase.reached = f"connected, {reply.waiting}"
            if reply.status is not None and not self._accepts(reply.status):
                return Finding(Outcome.FAIL, f"status {reply.status}")
        if reply.fault is not None:
            # A worker that dies in the middle of an answer is as good as a refusal.
            return Finding(Outcome.FAIL, reply.fault, certain=not data)
        phase.took["body"] = clock() - asked - phase.took["first_byte"]
        return await self._judge_body(reply, phase)

    def _accepts(self, status: int) -> bool:
        return any(status in accepted for accepted in self.expect.status)

    async def _judge_body(self, reply: HttpReply, phase: ProbeProgress) -> Finding:
        if self.expect.body is not None and self.expect.body.encode() not in reply.body:
            return Finding(Outcome.FAIL, f"{reply.status}, but the body lacks the expected text")
        if self.pattern is not None:
            phase.reached = f"{reply.status}, but the body was not searched for the pattern in that time"
            try:
                found = await self.pattern.found_in(bytes(reply.body))
            except OSError as error:  # ours, and not the target's
                return Finding(Outcome.ERROR, f"the body could not be searched: {error.strerror}")
            if not found:
                return Finding(Outcome.FAIL, f"{reply.status}, but the body does not match the pattern")
        return Finding(Outcome.PASS, str(reply.status))
