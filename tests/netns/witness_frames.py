"""The frames that matter: adverts, ARP, neighbour advertisements, and the question who has the VIP."""

import ctypes
import socket
import struct
from pathlib import Path
from typing import Any

_ETH_ALL, _ETH_IP, _ETH_ARP, _ETH_IPV6 = 0x0003, 0x0800, 0x0806, 0x86DD
_VRRP, _ICMPV6 = 112, 58
_SOLICITATION, _ADVERTISEMENT = 135, 136
_ATTACH_FILTER = 26
_RCVBUFFORCE = 33
_BROADCAST = b"\xff" * 6
_ETHERNET, _IPV6 = 14, 40
_PACKET_TYPE, _OUTGOING = 0xFFFFF004, 4
_ROGUE = 0x00770042
"""The last four bytes of the rogue's hardware address."""
_TIMESTAMPNS = 35
_ROOM = 1 << 24
"""Bytes of frames that may wait for a reader, who looks seldom, or late on a busy machine."""
_TIMESPEC = struct.Struct("@qq")
# Classic BPF. Not what leaves the switch: everything has come in before. Not what the rogue sends, by its
# hardware address: a flood must not drown the witness. Of the rest ARP, VRRP, neighbour advertisements:
# the client's traffic must not wake us.
_FILTER = [
    (0x30, 0, 0, _PACKET_TYPE), (0x15, 14, 0, _OUTGOING),
    (0x20, 0, 0, 8), (0x15, 12, 0, _ROGUE),
    (0x28, 0, 0, 12), (0x15, 9, 0, _ETH_ARP), (0x15, 0, 2, _ETH_IP),
    (0x30, 0, 0, 23), (0x15, 6, 7, _VRRP), (0x15, 0, 6, _ETH_IPV6),
    (0x30, 0, 0, 20), (0x15, 3, 0, _VRRP), (0x15, 0, 3, _ICMPV6),
    (0x30, 0, 0, 54), (0x15, 0, 1, _ADVERTISEMENT),
    (0x06, 0, 0, 2048), (0x06, 0, 0, 0),
]  # fmt: skip

Seen = tuple[str, dict[str, Any]]


def listen() -> socket.socket:
    """A socket that sees the frames of all interfaces in the network of this thread."""
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(_ETH_ALL))
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in _FILTER)
    buffer = ctypes.create_string_buffer(program)
    made.setsockopt(
        socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HL", len(_FILTER), ctypes.addressof(buffer))
    )
    made.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
    make_room(made)
    return made


def make_room(made: socket.socket) -> None:
    """Let frames wait that nobody has read yet: the kernel throws away what is beyond its default."""
    made.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _ROOM)


def receive(frames: socket.socket) -> tuple[bytes, tuple[str, int, int, int, bytes], float]:
    """The next frame, its socket address, and when the kernel saw it: seconds of the wall clock."""
    data, ancillary, _, address = frames.recvmsg(2048, 128)
    stamps = [_TIMESPEC.unpack(said) for _, kind, said in ancillary if kind == _TIMESTAMPNS]
    return data, address, stamps[0][0] + stamps[0][1] / 1e9


def understand(frame: bytes) -> Seen | None:
    """The event that a frame is, as `sightings.Sighting` names them."""
    kind = int.from_bytes(frame[12:14], "big")
    if kind == _ETH_ARP:
        return _arp(frame)
    if kind == _ETH_IP:
        source = socket.inet_ntop(socket.AF_INET, frame[26:30])
        return _advert(frame, source, frame[_ETHERNET + (frame[_ETHERNET] & 15) * 4 :])
    if frame[20] == _VRRP:
        source = socket.inet_ntop(socket.AF_INET6, frame[22:38])
        return _advert(frame, source, frame[_ETHERNET + _IPV6 :])
    return _neighbour(frame)


def _advert(frame: bytes, source: str, vrrp: bytes) -> Seen:
    about = {"source": source, "vrid": vrrp[1], "priority": vrrp[2], "version": vrrp[0] >> 4}
    return "advert", {**about, "mac": frame[6:12].hex(":")}


def _arp(frame: bytes) -> Seen | None:
    sender, target = socket.inet_ntoa(frame[28:32]), socket.inet_ntoa(frame[38:42])
    reply = frame[21] == 2
    if sender == target:
        return "announced", {"address": sender, "reply": reply}
    return ("answered", {"address": sender, "to": frame[0:6].hex(":")}) if reply else None


def _neighbour(frame: bytes) -> Seen | None:
    if frame[_ETHERNET + _IPV6] != _ADVERTISEMENT:
        return None  # the kernel's own words about IPv6, such as a router solicitation
    address = socket.inet_ntop(socket.AF_INET6, frame[62:78])
    if frame[38] == 0xFF:  # to a group, not to somebody who asked
        return "announced", {"address": address, "reply": True}
    return "answered", {"address": address, "to": frame[0:6].hex(":")}


def asking() -> socket.socket:
    """A socket that sends frames by eth0 of the network of this thread."""
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    made.bind(("eth0", 0))
    return made


def question(vip: str, mac: bytes) -> bytes:
    """The frame that asks who has the VIP: an ARP probe, or a neighbour solicitation from `mac`."""
    if ":" in vip:
        return _solicitation(socket.inet_pton(socket.AF_INET6, vip), mac)
    probe = _BROADCAST + mac + struct.pack("!HHHBBH", _ETH_ARP, 1, _ETH_IP, 6, 4, 1)
    return probe + mac + bytes(4) + bytes(6) + socket.inet_aton(vip)


def _solicitation(vip: bytes, mac: bytes) -> bytes:
    source = _link_local()
    group = socket.inet_pton(socket.AF_INET6, "ff02::1:ff00:0")[:13] + vip[13:]
    body = struct.pack("!BBHI", _SOLICITATION, 0, 0, 0) + vip + b"\x01\x01" + mac
    checksum = _checksum(source + group + struct.pack("!II", len(body), _ICMPV6) + body)
    body = body[:2] + struct.pack("!H", checksum) + body[4:]
    header = struct.pack("!IHBB", 6 << 28, len(body), _ICMPV6, 255) + source + group
    return b"\x33\x33" + group[12:] + mac + struct.pack("!H", _ETH_IPV6) + header + body


def _link_local() -> bytes:
    """The link-local address of eth0. The answer to a question without source would go to everybody."""
    for line in Path("/proc/thread-self/net/if_inet6").read_text(encoding="ascii").splitlines():
        address, _, _, scope, _, name = line.split()
        if (scope, name) == ("20", "eth0"):
            return bytes.fromhex(address)
    raise OSError("eth0 has no link-local address")


def _checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
