"""The dns check: a name server answers a question, over UDP and, when the answer is cut, over TCP.

The server is asked directly: neither the system's resolver nor its cache says anything about it.
"""

import asyncio
import os
import socket
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Final

from sidecar.checks import os_errors
from sidecar.checks.dns.message import Answer, Question, belongs, decode, query
from sidecar.checks.probe import Finding, ProbeProgress, Tools, Watch
from sidecar.checks.schedule import Polled, pace_of
from sidecar.core.health.result import Outcome
from sidecar.plan.check import DnsCheck
from sidecar.plan.endpoints import Endpoint

_MAX_UDP: Final = 4096
_SHOWN: Final = 3


def build(check: DnsCheck, tools: Tools) -> Watch:
    """Return the watch of a dns check."""
    probe = DnsProbe(check.server, Question(check.query, check.record), check.expect)
    return Polled(probe, pace_of(check), tools.stalls)


@dataclass(frozen=True, slots=True)
class DnsProbe:
    """Asks once from a socket of its own. Of `expect`, all must be among the records; empty: any record."""

    server: Endpoint
    question: Question
    expect: tuple[str, ...] = ()

    async def __call__(self, phase: ProbeProgress) -> Finding:
        """Pass when the answer is there, without error, and as expected."""
        phase.reached = "the server did not answer"
        number = int.from_bytes(os.urandom(2), "big")
        try:
            data = await self._over_udp(number)
            answer = decode(data, self.question)
            if isinstance(answer, Answer) and answer.truncated:
                phase.reached = "the answer was cut, and the server did not answer over TCP"
                data = await self._over_tcp(number)
                if not belongs(data, number, self.question):
                    return Finding(Outcome.FAIL, "the answer over TCP is to another question")
                answer = decode(data, self.question)
        except (asyncio.IncompleteReadError, EOFError):
            return Finding(Outcome.FAIL, "closed the connection: no end of answer", certain=True)
        except TimeoutError:
            return Finding(Outcome.TIMEOUT, "no answer: not connected")
        except OSError as error:
            return os_errors.finding(error)
        return self._judge(answer)

    async def _over_udp(self, number: int) -> bytes:
        loop = asyncio.get_running_loop()
        with self._open(socket.SOCK_DGRAM) as opened:
            # Connected: the kernel drops datagrams of others and reports a closed port.
            opened.connect((self.server.host, self.server.port))
            opened.send(query(number, self.question))
            while True:
                data = await loop.sock_recv(opened, _MAX_UDP)
                if belongs(data, number, self.question):
                    return data
                # A flood from the server must leave the loop its turn, and the deadline its chance.
                await asyncio.sleep(0)

    async def _over_tcp(self, number: int) -> bytes:
        loop = asyncio.get_running_loop()
        with self._open(socket.SOCK_STREAM) as opened:
            await loop.sock_connect(opened, (self.server.host, self.server.port))
            asked = query(number, self.question)
            await loop.sock_sendall(opened, len(asked).to_bytes(2, "big") + asked)
            length = int.from_bytes(await _exactly(opened, 2), "big")
            return await _exactly(opened, length)

    def _open(self, kind: socket.SocketKind) -> socket.socket:
        opened = socket.socket(socket.AF_INET6 if ":" in self.server.host else socket.AF_INET, kind)
        opened.setblocking(False)
        return opened

    def _judge(self, answer: Answer | str) -> Finding:
        if isinstance(answer, str):
            return Finding(Outcome.FAIL, answer)
        if answer.rcode != "NOERROR":
            return Finding(Outcome.FAIL, f"answered {answer.rcode}")
        if not answer.records:
            return Finding(Outcome.FAIL, f"has no {self.question.type} record")
        shown = ", ".join(answer.records[:_SHOWN])[:200]
        seen = {record.lower() for record in answer.records}
        missing = [text for text in self.expect if _as_answered(text, self.question.type) not in seen]
        if missing:
            return Finding(Outcome.FAIL, f"answered {shown}, but not {missing[0]}")
        return Finding(Outcome.PASS, f"answered {shown}")


def _as_answered(expected: str, kind: str) -> str:
    """Return a value of the configuration as `decode` and `_judge` write one of an answer."""
    if kind == "AAAA":
        return str(IPv6Address(expected))
    return expected.lower() if kind == "TXT" else expected.lower().removesuffix(".")


async def _exactly(opened: socket.socket, count: int) -> bytes:
    loop = asyncio.get_running_loop()
    data = b""
    while len(data) < count:
        piece = await loop.sock_recv(opened, count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
