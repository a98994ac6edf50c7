"""Sends bogus adverts as fast as it is told to: `python flood.py MAC VRID RATE SECONDS`, in a namespace.

Each one is wrong in one way only, taking turns: another VRID, a bad checksum, a TTL of 64. All claim
priority 255, which a receiver that believed one of them would have to obey. Every frame names another source.
At the end one JSON object on stdout: how many were sent, in how many seconds.
"""

import json
import socket
import struct
import sys
import time

_GROUP = bytes((224, 0, 0, 18))
_GROUP_MAC = bytes.fromhex("01005e000012")
_TICK = 0.001
"""Seconds between two bursts."""


def checksum(data: bytes) -> int:
    """The Internet checksum of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def frame(mac: bytes, source: bytes, vrid: int, *, ttl: int = 255, spoil: int = 0) -> bytes:
    """One advert of version 3 and priority 255, for 10.77.0.100, as a whole frame."""
    header = struct.pack("!BBBBH", 0x31, vrid, 255, 1, 10)
    vip = bytes((10, 77, 0, 100))
    pseudo = source + _GROUP + struct.pack("!HH", 112, 12)
    right = checksum(pseudo + header + b"\0\0" + vip)
    payload = header + struct.pack("!H", right ^ spoil) + vip
    ip = struct.pack("!BBHHHBBH", 0x45, 0xC0, 20 + len(payload), 0, 0, ttl, 112, 0) + source + _GROUP
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return _GROUP_MAC + mac + b"\x08\x00" + ip + payload


def frames(mac: bytes, vrid: int) -> list[bytes]:
    """Some hundred different frames."""
    made = []
    for last in range(150, 250):
        source = bytes((10, 77, 0, last))
        made += [
            frame(mac, source, vrid % 255 + 1),
            frame(mac, source, vrid, spoil=0x0101),
            frame(mac, source, vrid, ttl=64),
        ]
    return made


def main(mac: str, vrid: str, rate: str, seconds: str) -> None:
    """Send for some seconds, in bursts of a millisecond."""
    made = frames(bytes.fromhex(mac), int(vrid))
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    out.bind(("eth0", 0))
    begun = time.monotonic()
    sent = 0
    while (elapsed := time.monotonic() - begun) < float(seconds):
        due = int(elapsed * float(rate))
        while sent < due:
            out.send(made[sent % len(made)])
            sent += 1
        time.sleep(_TICK)
    sys.stdout.write(json.dumps({"sent": sent, "seconds": round(time.monotonic() - begun, 3)}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
