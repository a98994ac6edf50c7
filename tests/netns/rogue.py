"""Somebody on the LAN who sends whatever adverts it likes: wrong ones, and right ones that are lies."""

import json
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.netns.lan import VIP, Lan, address

_FLOOD = Path(__file__).parent / "flood.py"
_GROUP = "224.0.0.18"
GROUP_MAC = "01:00:5e:00:00:12"


@dataclass(frozen=True, slots=True)
class Forgery:
    """One advert for IPv4. What is not said is right; `spoil` is what the checksum is wrong by.

    With `garbage` that is the whole message.
    """

    priority: int = 255
    source: str = address("rogue")
    vrid: int = 51
    interval_cs: int = 10
    vips: tuple[str, ...] = (VIP,)
    ttl: int = 255
    version: int = 3
    spoil: int = 0
    trailer: bytes = b""
    destination: str = _GROUP
    garbage: bytes | None = None

    def payload(self) -> bytes:
        """The VRRP message; of version 2 without authentication."""
        if self.garbage is not None:
            return self.garbage
        first = self.version << 4 | 1
        timing = self.interval_cs // 100 if self.version == 2 else self.interval_cs
        body = struct.pack("!BBBBHH", first, self.vrid, self.priority, len(self.vips), timing, 0)
        body += b"".join(map(socket.inet_aton, self.vips)) + bytes(8 if self.version == 2 else 0)
        ends = socket.inet_aton(self.source) + socket.inet_aton(self.destination)
        pseudo = b"" if self.version == 2 else ends + struct.pack("!HH", 112, len(body))
        right = checksum(pseudo + body)
        return body[:6] + struct.pack("!H", right ^ self.spoil) + body[8:] + self.trailer

    def frame(self, mac: str, to: str = GROUP_MAC) -> bytes:
        """The whole frame, from one hardware address to another."""
        payload = self.payload()
        ends = socket.inet_aton(self.source) + socket.inet_aton(self.destination)
        ip = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(payload), 0, 0, self.ttl, 112, 0) + ends
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
        return _bytes(to) + _bytes(mac) + b"\x08\x00" + ip + payload


def checksum(data: bytes) -> int:
    """The Internet checksum of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def _bytes(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


WRONG = {"vrid": {"vrid": 52}, "checksum": {"spoil": 0x0101}, "ttl": {"ttl": 64}}
"""Faults of an advert that must be refused: one at a time."""


def bogus(kinds: Sequence[str] = tuple(WRONG)) -> list[Forgery]:
    """Adverts of a hundred sources and priority 255, which whoever believed one would have to obey."""
    sources = [f"10.77.0.{last}" for last in range(150, 250)]
    return [Forgery(source=source, **WRONG[kind]) for source in sources for kind in kinds]  # type: ignore[arg-type]


@dataclass(slots=True)
class Flood:
    """The packets sent, once it is over."""

    sent: int = 0
    begun: float = 0.0
    """When the first one was sent, by the monotonic clock."""
    seconds: float = 0.0
    spent: float = 0.0
    """Processor time that sending it took."""

    @property
    def rate(self) -> float:
        """Packets a second."""
        return self.sent / self.seconds


@dataclass(frozen=True, slots=True)
class Rogue:
    """The member of that name. It has its own hardware address, whatever source its adverts name."""

    lan: Lan
    name: str = field(default="rogue")

    @property
    def mac(self) -> str:
        """Its hardware address."""
        return self.lan.mac(self.name)

    def flood(self, forgeries: Sequence[Forgery], rate: float, seconds: float) -> Flood:
        """Send them in turns, to the end."""
        with self.flooding(forgeries, rate, seconds) as flood:
            pass
        return flood

    @contextmanager
    def flooding(
        self, forgeries: Sequence[Forgery], rate: float, seconds: float, to: str = GROUP_MAC
    ) -> Iterator[Flood]:
        """Send them in turns while the block runs, and on until `seconds` are over."""
        frames = [each.frame(self.mac, to).hex() for each in forgeries]
        argv = [sys.executable, str(_FLOOD), str(rate), str(seconds), *frames]
        process = self.lan.members[self.name].spawn(argv, subprocess.PIPE)
        flood = Flood()
        try:
            yield flood
            said, _ = process.communicate(timeout=seconds + 60)
            done = json.loads(said)
            flood.sent, flood.begun = done["sent"], done["begun"]
            flood.seconds, flood.spent = done["seconds"], done["spent"]
        finally:
            process.kill()
            process.wait()
