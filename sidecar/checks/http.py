"""The http check: a GET whose whole answer is within the deadline, well formed and as expected.

An own small client: a probe needs one total deadline over lookup, connect, TLS, headers and
body, hard caps on memory, and a word for every way to fail. Redirects are answers, not instructions.
"""

import socket
import ssl
from dataclasses import dataclass
from typing import Final

from sidecar.checks import faults
from sidecar.checks.dial import READ_LIMIT, Dial, Streams, hang_up
from sidecar.checks.http_reply import HttpReply
from sidecar.checks.probe import Finding, Phase, Tools, Watch, required
from sidecar.checks.schedule import Polled, pace_of
from sidecar.checks.tripwire import Tripwire
from sidecar.config.model import Check, Expect
from sidecar.config.scalars import HttpUrl
from sidecar.core.events import Outcome

_DEFAULT_PORTS: Final = {False: 80, True: 443}


def build(check: Check, tools: Tools) -> Watch:
    """Return the watch of an http check. Raise OSError when the certificate store cannot be read."""
    url = required(check.http, "http")
    dial = Dial(url.host, url.port, tools.resolver, url.unix_socket)
    pace = pace_of(check)
    tls = _tls_context(verify=check.verify) if url.tls else None
    probe = HttpProbe(dial, request(url), check.expect, tls)
    return Polled(probe, pace, Tripwire(dial, pace.deadline))


def request(url: HttpUrl) -> bytes:
    """Return the bytes of the request."""
    if url.unix_socket is not None:
        host = "localhost"
    else:
        host = f"[{url.host}]" if ":" in url.host else url.host
        if url.port != _DEFAULT_PORTS[url.tls]:
            host = f"{host}:{url.port}"
    lines = (
        f"GET {url.target or '/'} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: vip-sidecar",
        "Accept: */*",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _tls_context(*, verify: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """Asks once over a connection of its own."""

    dial: Dial
    request: bytes
    expect: Expect
    tls: ssl.SSLContext | None = None

    async def __call__(self, phase: Phase) -> Finding:
        """Pass when status and body are as expected."""
        phase.reached = "not connected"
        try:
            streams = await self.dial.open(self.tls)
        except ssl.SSLCertVerificationError as error:
            return Finding(Outcome.FAIL, f"bad certificate: {error.verify_message}")
        except ssl.SSLError as error:
            return Finding(
                Outcome.FAIL, f"TLS failed: {(error.reason or 'unknown').lower().replace('_', ' ')}"
            )
        except socket.gaierror as error:
            return Finding(Outcome.FAIL, f"name lookup of {self.dial.host}: {error.strerror}")
        except TimeoutError:
            return Finding(Outcome.TIMEOUT, "no answer: not connected")
        except OSError as error:
            return faults.finding(error)
        try:
            return await self._ask(streams, phase)
        except OSError as error:
            return faults.finding(error)
        finally:
            hang_up(streams[1])

    async def _ask(self, streams: Streams, phase: Phase) -> Finding:
        reader, writer = streams
        reply = HttpReply()
        phase.reached = f"connected, {reply.waiting}"
        writer.write(self.request)
        while not reply.complete and reply.fault is None:
            data = await reader.read(READ_LIMIT)
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
        return self._judge_body(reply)

    def _accepts(self, status: int) -> bool:
        return any(low <= status <= high for low, high in self.expect.status)

    def _judge_body(self, reply: HttpReply) -> Finding:
        if self.expect.body is not None and self.expect.body.encode() not in reply.body:
            return Finding(Outcome.FAIL, f"{reply.status}, but the body lacks the expected text")
        return Finding(Outcome.PASS, str(reply.status))
