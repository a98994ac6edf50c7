"""The icmp check: an echo request is answered (RFC 792, RFC 4443 section 4)."""

import asyncio
import os
import socket
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from sidecar.checks import faults
from sidecar.checks.probe import Finding, Phase, Tools, Watch
from sidecar.checks.schedule import Polled, pace_of
from sidecar.config.model import Check
from sidecar.core.checksum import internet_checksum
from sidecar.core.events import Outcome

_ECHO: Final = struct.Struct("!BBHHH")
_REQUEST_V4: Final = 8
_REPLY_V4: Final = 0
_REQUEST_V6: Final = 128
_REPLY_V6: Final = 129
_TOKEN_BYTES: Final = 16
# linux/icmp.h and linux/icmpv6.h: a set bit keeps a type away from the socket.
_SOL_RAW: Final = 255
_ICMP_FILTER: Final = 1
_ICMP6_FILTER: Final = 1


def build(check: Check, tools: Tools) -> Watch:  # noqa: ARG001 - every builder has this form
    """Return the watch of an icmp check."""
    if check.icmp is None:
        raise ValueError("this is no icmp check")
    return Polled(IcmpProbe(check.icmp), pace_of(check))


@dataclass(frozen=True, slots=True)
class IcmpProbe:
    """Sends one echo request from a socket of its own."""

    target: IPv4Address | IPv6Address

    async def __call__(self, phase: Phase) -> Finding:
        """Pass when the answer to this very request arrives."""
        phase.reached = "no echo reply"
        try:
            opened = open_socket(self.target.version)
        except PermissionError:
            return Finding(Outcome.ERROR, "may not open an ICMP socket: grant NET_RAW to the sidecar")
        except OSError as error:
            return faults.finding(error)
        with opened:
            try:
                return await self._ask(opened)
            except OSError as error:
                return faults.finding(error)

    async def _ask(self, opened: socket.socket) -> Finding:
        loop = asyncio.get_running_loop()
        identifier, sequence = struct.unpack("!HH", os.urandom(4))
        token = os.urandom(_TOKEN_BYTES)
        # Connected: the kernel drops packets of everybody else and reports unreachable targets.
        opened.connect(_socket_address(self.target))
        opened.send(echo_request(self.target.version, identifier, sequence, token))
        raw = opened.type == socket.SOCK_RAW
        while True:
            packet = await loop.sock_recv(opened, 2048)
            if answers(packet, self.target.version, identifier if raw else None, sequence, token):
                return Finding(Outcome.PASS, "answered")
            # A flood from the target must leave the loop its turn, and the deadline its chance.
            await asyncio.sleep(0)


def open_socket(version: int) -> socket.socket:
    """Return a non-blocking raw ICMP socket, or a ping socket where raw ones are forbidden. Raise OSError."""
    family, protocol = (
        (socket.AF_INET, socket.IPPROTO_ICMP) if version == 4 else (socket.AF_INET6, socket.IPPROTO_ICMPV6)  # noqa: PLR2004
    )
    try:
        opened = socket.socket(family, socket.SOCK_RAW, protocol)
    except PermissionError:
        opened = socket.socket(family, socket.SOCK_DGRAM, protocol)
    else:
        _only_replies(opened)
    opened.setblocking(False)
    return opened


def _only_replies(opened: socket.socket) -> None:
    if opened.family == socket.AF_INET:
        opened.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("=I", 0xFFFFFFFF ^ (1 << _REPLY_V4)))
        return
    words = [0xFFFFFFFF] * 8
    words[_REPLY_V6 // 32] ^= 1 << (_REPLY_V6 % 32)
    opened.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, struct.pack("=8I", *words))


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
