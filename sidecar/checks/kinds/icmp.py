"""The icmp check: an echo request is answered (RFC 792, RFC 4443 section 4)."""

import asyncio
import os
import socket
import struct
from dataclasses import dataclass
from errno import EPERM
from ipaddress import IPv4Address, IPv6Address, ip_address
from math import ceil
from typing import Final

from sidecar.checks import os_errors
from sidecar.checks.icmp_sockets import SOCKETS, hear_only
from sidecar.checks.probe import Finding, ProbeProgress, Tools, Watch
from sidecar.checks.schedule import Polled, pace_of
from sidecar.core.health.result import Outcome
from sidecar.core.wire.checksum import internet_checksum
from sidecar.plan.check import IcmpCheck

_ECHO: Final = struct.Struct("!BBHHH")
_REQUEST_V4: Final = 8
_REPLY_V4: Final = 0
_REQUEST_V6: Final = 128
_REPLY_V6: Final = 129
_TOKEN_BYTES: Final = 16
_SPACING: Final = 0.01
"""Seconds between two requests of a run: routers answer a burst worse than they forward it."""


def build(check: IcmpCheck, tools: Tools) -> Watch:
    """Return the watch of an icmp check."""
    return Polled(IcmpProbe(check.target, check.count, check.max_loss), pace_of(check), tools.stalls)


@dataclass(frozen=True, slots=True)
class IcmpProbe:
    """Sends `count` echo requests from a socket of its own, of which `max_loss` percent may be lost."""

    target: IPv4Address | IPv6Address
    count: int = 1
    max_loss: int = 0

    @property
    def needed(self) -> int:
        """Answers that make a pass, at least one."""
        return max(1, ceil(self.count * (100 - self.max_loss) / 100))

    async def __call__(self, phase: ProbeProgress) -> Finding:
        """Pass as soon as enough answers to these very requests are there."""
        phase.reached = "all sockets for echo requests are in use"
        opened = False
        try:
            async with SOCKETS.lend(self.target.version) as lent:
                opened = True
                self._note(phase, 0)
                return await self._ask(lent, phase)
        except OSError as error:
            if isinstance(error, PermissionError) and not opened:
                return Finding(Outcome.ERROR, "may not open an ICMP socket: grant NET_RAW to the sidecar")
            if error.errno == EPERM:
                return Finding(
                    Outcome.ERROR, "may not send: a firewall rule of this host drops echo requests"
                )
            return os_errors.finding(error)

    async def _ask(self, lent: socket.socket, phase: ProbeProgress) -> Finding:
        identifier, first = struct.unpack("!HH", os.urandom(4))
        token = os.urandom(_TOKEN_BYTES)
        hear_only(lent, identifier)
        waiting = {(first + number) & 0xFFFF for number in range(self.count)}
        requests = [echo_request(self.target.version, identifier, each, token) for each in sorted(waiting)]
        # Not connected: that would fix the source address, and for a link-local target the interface, of a
        # socket that the next run uses for another target, or after this host has got another address.
        where = _socket_address(self.target)
        lent.sendto(requests[0], where)
        sending = asyncio.create_task(_send(lent, requests[1:], where))
        try:
            await self._hear(lent, identifier, waiting, token, phase)
            await sending
        finally:
            sending.cancel()
        if self.count == 1:
            return Finding(Outcome.PASS, "answered")
        return Finding(Outcome.PASS, f"{self.count - len(waiting)} of {self.count} answered")

    async def _hear(
        self, lent: socket.socket, identifier: int, waiting: set[int], token: bytes, phase: ProbeProgress
    ) -> None:
        loop = asyncio.get_running_loop()
        target = int(self.target)
        seen = identifier if lent.type == socket.SOCK_RAW else None
        while self.count - len(waiting) < self.needed:
            packet, sender = await loop.sock_recvfrom(lent, 2048)
            if int(ip_address(sender[0].partition("%")[0])) == target:
                waiting.difference_update(
                    [s for s in waiting if answers(packet, self.target.version, seen, s, token)]
                )
            self._note(phase, self.count - len(waiting))
            # A flood from the target must leave the loop its turn, and the deadline its chance.
            await asyncio.sleep(0)

    def _note(self, phase: ProbeProgress, heard: int) -> None:
        if self.count == 1:
            phase.reached = "no echo reply"
        else:
            phase.reached = f"{heard} of {self.count} echo replies, {self.needed} are needed"


async def _send(
    lent: socket.socket, requests: list[bytes], where: tuple[str, int] | tuple[str, int, int, int]
) -> None:
    for request in requests:
        await asyncio.sleep(_SPACING)
        lent.sendto(request, where)


def _socket_address(target: IPv4Address | IPv6Address) -> tuple[str, int] | tuple[str, int, int, int]:
    if isinstance(target, IPv4Address):
        return str(target), 0
    scope = socket.if_nametoindex(target.scope_id) if target.scope_id else 0
    return str(IPv6Address(int(target))), 0, 0, scope


def echo_request(version: int, identifier: int, sequence: int, token: bytes) -> bytes:
    """Return the ICMP message. The kernel makes the checksum of ICMPv6: it knows the source address."""
    if version == 6:  # noqa: PLR2004
        return _ECHO.pack(_REQUEST_V6, 0, 0, identifier, sequence) + token
    blank = _ECHO.pack(_REQUEST_V4, 0, 0, identifier, sequence) + token
    return _ECHO.pack(_REQUEST_V4, 0, internet_checksum(blank), identifier, sequence) + token


def answers(packet: bytes, version: int, identifier: int | None, sequence: int, token: bytes) -> bool:
    """Say whether `packet` is the reply to our request.

    `identifier` is None on a ping socket: there the kernel chose it, checks it, and has stripped the
    IPv4 header, which a raw socket delivers.
    """
    if version == 4 and identifier is not None:  # noqa: PLR2004
        packet = packet[(packet[0] & 0x0F) * 4 :] if packet else b""
    if len(packet) < _ECHO.size + _TOKEN_BYTES:
        return False
    kind, code, _, seen_identifier, seen_sequence = _ECHO.unpack_from(packet)
    return (
        (kind, code) == (_REPLY_V4 if version == 4 else _REPLY_V6, 0)  # noqa: PLR2004
        and identifier in (None, seen_identifier)
        and seen_sequence == sequence
        and packet[_ECHO.size :] == token
    )
