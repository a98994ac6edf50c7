"""A connection to nginx that is kept, and asked for stub_status again and again."""

from typing import Final

from sidecar.checks import os_errors
from sidecar.checks.dial import READ_LIMIT, Dial, Streams, hang_up
from sidecar.checks.http import openssl
from sidecar.checks.http.reply import HttpReply
from sidecar.checks.http.trust import Trust
from sidecar.checks.nginx import stub_status
from sidecar.checks.nginx.stub_status import StubStatus
from sidecar.checks.probe import Finding, ProbeProgress
from sidecar.core.health.result import Outcome

_OK: Final = 200

Result = StubStatus | Finding


class KeptConnection:
    """Asks again and again over one connection, and over a new one when nginx has closed it."""

    def __init__(self, dial: Dial, asked: bytes, tls: Trust | None) -> None:
        self._dial = dial
        self._asked = asked
        self._tls = tls
        self._streams: Streams | None = None

    async def ask(self, phase: ProbeProgress) -> Result:
        """Return what nginx says, or why it does not. Cancelling closes the connection."""
        try:
            kept = self._streams is not None
            reply = await self._exchange(phase)
            if kept and reply.status is None and reply.fault is not None:
                # nginx closes what was idle for too long or asked too often; that says nothing.
                reply = await self._exchange(phase)
        except OSError as error:
            if self._tls is not None and openssl.is_distrust(error):
                self._tls.doubt()
            return os_errors.unconnected(error, self._dial.host)
        return self._read(reply)

    @property
    def lost(self) -> bool:
        """Whether the next request needs a new connection."""
        if self._streams is None:
            return True
        reader, writer = self._streams
        return reader.at_eof() or reader.exception() is not None or writer.is_closing()

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            hang_up(self._streams[1])
            self._streams = None

    async def _exchange(self, phase: ProbeProgress) -> HttpReply:
        fresh = self._streams is None
        if self._streams is None:
            self._streams = await self._dial.open(None if self._tls is None else self._tls.context, phase)
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
        except BaseException as error:
            self.close()
            broken = isinstance(error, ConnectionError) or openssl.is_error(error)
            if fresh or not broken:
                raise
            reply.end()
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
