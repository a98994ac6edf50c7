"""The nginx check: stub_status answers on every one of several connections.

One connection proves one worker. With more workers, several connections are kept and all are asked in
each run. A worker that hangs leaves its own unanswered; such a connection stays under observation and
fails every run until it is answered, closed by nginx, or given up after a while. A new connection would
only go to a worker that lives: the kernel gives it to one that asks for it.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sidecar.checks import faults, stub_status
from sidecar.checks.dial import READ_LIMIT, Dial, Streams, hang_up
from sidecar.checks.http import request, tls_context
from sidecar.checks.http_reply import HttpReply
from sidecar.checks.probe import Finding, Phase, Tools, Watch, required
from sidecar.checks.schedule import Polled, pace_of
from sidecar.checks.stub_status import StubStatus
from sidecar.checks.tripwire import Tripwire
from sidecar.config.model import Check
from sidecar.core.events import Outcome

_PER_WORKER: Final = 4
"""Connections for each worker: with two workers and SO_REUSEPORT a given one has none in 0.4 % of cases."""
_MOST: Final = 64
_GIVEN_UP: Final = 30.0
"""Seconds after which an unanswered connection is replaced: its worker may be one of an earlier reload."""
_OK: Final = 200

Result = StubStatus | Finding


def build(check: Check, tools: Tools) -> Watch:
    """Return the watch of an nginx check."""
    url = required(check.nginx, "nginx")
    dial = Dial(url.host, url.port, tools.resolver, url.unix_socket)
    tls = tls_context(verify=True) if url.tls else None
    wanted = 1 if check.workers == 1 else min(_MOST, _PER_WORKER * check.workers)
    asked = request(url).replace(b"Connection: close", b"Connection: keep-alive")
    probe = NginxProbe(lambda: KeptConnection(dial, asked, tls), wanted, check.max_active)
    pace = pace_of(check)
    return Polled(probe, pace, Tripwire(dial, pace.deadline), on_end=probe.close)


class KeptConnection:
    """Asks again and again over one connection, and over a new one when nginx has closed it."""

    def __init__(self, dial: Dial, asked: bytes, tls: ssl.SSLContext | None) -> None:
        self._dial = dial
        self._asked = asked
        self._tls = tls
        self._streams: Streams | None = None

    async def ask(self, phase: Phase) -> Result:
        """Return what nginx says, or why it does not. Cancelling closes the connection."""
        try:
            kept = self._streams is not None
            reply = await self._exchange(phase)
            if kept and reply.status is None and reply.fault is not None:
                # nginx closes what was idle for too long or asked too often; that says nothing.
                reply = await self._exchange(phase)
        except socket.gaierror as error:
            return Finding(Outcome.FAIL, f"name lookup of {self._dial.host}: {error.strerror}")
        except TimeoutError:
            return Finding(Outcome.TIMEOUT, "no answer: not connected")
        except ssl.SSLError as error:
            return Finding(
                Outcome.FAIL, f"TLS failed: {str(error.reason or error).lower().replace('_', ' ')}"
            )
        except OSError as error:
            return faults.finding(error)
        return self._read(reply)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            hang_up(self._streams[1])
            self._streams = None

    async def _exchange(self, phase: Phase) -> HttpReply:
        fresh = self._streams is None
        if self._streams is None:
            self._streams = await self._dial.open(self._tls, phase)
        reader, writer = self._streams
        reply = HttpReply()
        phase.reached = f"connected, {reply.waiting}"
        try:
            writer.write(self._asked)
            while not reply.complete and reply.fault is None:
                data = await reader.read(READ_LIMIT)
                if data:
                    reply.feed(data)
                else:
                    reply.end()
                phase.reached = f"connected, {reply.waiting}"
        except ConnectionError:
            self.close()
            if fresh:
                raise
            reply.end()
        except BaseException:
            self.close()
            raise
        if reply.fault is not None or not data:
            self.close()
        return reply

    def _read(self, reply: HttpReply) -> Result:
        if reply.fault is not None:
            return Finding(Outcome.FAIL, reply.fault, certain=True)
        if reply.status != _OK:
            return Finding(Outcome.FAIL, f"status {reply.status}")
        numbers = stub_status.parse(bytes(reply.body))
        return numbers or Finding(Outcome.FAIL, "answers, but not as stub_status does")


class _Slot:
    """One connection and the request on it that has no answer yet."""

    def __init__(self, connection: KeptConnection) -> None:
        self._connection = connection
        self.task: asyncio.Task[Result] | None = None
        self._since = 0.0

    def begin(self, now: float, phase: Phase) -> asyncio.Task[Result]:
        """Ask, unless an answer is still missing; that is waited for, for a while."""
        if self.task is not None and now - self._since > _GIVEN_UP:
            self.task.cancel()
            self.task = None
        if self.task is None or self.task.done():
            self._since = now
            self.task = asyncio.create_task(self._connection.ask(phase), name="stub_status")
        return self.task

    def close(self) -> None:
        """Give up."""
        if self.task is not None:
            self.task.cancel()
        self._connection.close()


class NginxProbe:
    """Asks over all connections at once. `max_active` is the most connections that nginx may have."""

    def __init__(
        self, connect: Callable[[], KeptConnection], connections: int, max_active: int | None
    ) -> None:
        self._slots = [_Slot(connect()) for _ in range(connections)]
        self._max_active = max_active

    async def __call__(self, phase: Phase) -> Finding:
        """Pass when every connection is answered and nginx is not full."""
        now = asyncio.get_running_loop().time()
        count = len(self._slots)
        # One connection says itself how far it has come; of many, the number tells more.
        pending = {slot.begin(now, phase if count == 1 else Phase()) for slot in self._slots}
        numbers: StubStatus | None = None
        phase.reached = "the last request is still without an answer"
        while pending:
            if count > 1:
                phase.reached = f"{count - len(pending)} of {count} connections answered"
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for result in [task.result() for task in done]:
                if isinstance(result, Finding):
                    return result
                numbers = result
        if numbers is None:
            raise ValueError("there is no connection to ask over")
        if self._max_active is not None and numbers.active > self._max_active:
            return Finding(Outcome.FAIL, f"{numbers.active} active connections, at most {self._max_active}")
        return Finding(Outcome.PASS, str(numbers))

    def close(self) -> None:
        """Close all connections."""
        with suppress(RuntimeError):  # the loop may have ended
            for slot in self._slots:
                slot.close()
