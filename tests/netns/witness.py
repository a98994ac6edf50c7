"""What really happened: the addresses each kernel has, and the VRRP and ARP frames each host sent.

A program of its own: `witness.py VIP SWITCH_PID OBSERVER_PID HOST=PID...`. One process for the whole
LAN, one clock (CLOCK_MONOTONIC). Every 20 ms the observer asks by an ARP probe who has the VIP.
Writes `[at, kind, host, {...}]` per event; the kinds are in `sightings.py`.
"""

import ctypes
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from typing import Any

_NEWNET = 0x40000000
_ROUTE, _GROUP_IPV4_ADDRESS = 0, 0x10
_NEWADDR, _DELADDR = 20, 21
_IFA_LOCAL, _IFA_CACHEINFO, _IFA_PROTO = 2, 6, 11
_ETH_ALL, _ETH_IP, _ETH_ARP = 0x0003, 0x0800, 0x0806
_OUTGOING = 4
_ATTACH_FILTER = 26
_ASK_EVERY = 0.02
_BROADCAST = b"\xff" * 6
# Classic BPF: ARP, or IPv4 with protocol 112. The client's traffic must not wake us.
_FILTER = [
    (0x28, 0, 0, 12), (0x15, 3, 0, _ETH_ARP), (0x15, 0, 3, _ETH_IP),
    (0x30, 0, 0, 23), (0x15, 0, 1, 112), (0x06, 0, 0, 2048), (0x06, 0, 0, 0),
]  # fmt: skip


def _enter(pid: str) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    if libc.setns(handle, _NEWNET) != 0:
        raise OSError(ctypes.get_errno(), f"cannot enter the network of process {pid}")
    os.close(handle)


def _addresses_of(pid: str) -> socket.socket:
    _enter(pid)
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, _ROUTE)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    made.bind((0, _GROUP_IPV4_ADDRESS))
    return made


def _frames_of(pid: str) -> socket.socket:
    _enter(pid)
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(_ETH_ALL))
    program = b"".join(struct.pack("HBBI", *instruction) for instruction in _FILTER)
    buffer = ctypes.create_string_buffer(program)
    made.setsockopt(
        socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HL", len(_FILTER), ctypes.addressof(buffer))
    )
    return made


def _asking(pid: str) -> socket.socket:
    _enter(pid)
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    made.bind(("eth0", 0))
    return made


def _address_changes(data: bytes) -> list[tuple[str, dict[str, Any]]]:
    found = []
    while len(data) >= 16:
        length, kind = struct.unpack_from("IH", data)
        if kind in (_NEWADDR, _DELADDR):
            found.append(("added" if kind == _NEWADDR else "removed", _address(data[16:length])))
        data = data[(length + 3) & ~3 :]
    return found


def _address(message: bytes) -> dict[str, Any]:
    about: dict[str, Any] = {"prefix": message[1], "index": struct.unpack_from("I", message, 4)[0]}
    rest = message[8:]
    while len(rest) >= 4:
        length, kind = struct.unpack_from("HH", rest)
        value = rest[4:length]
        if kind == _IFA_LOCAL:
            about["address"] = socket.inet_ntoa(value)
        elif kind == _IFA_CACHEINFO:
            about["valid"] = struct.unpack_from("II", value)[1]
        elif kind == _IFA_PROTO:
            about["protocol"] = value[0]
        rest = rest[(length + 3) & ~3 :]
    return about


def _frame(data: bytes) -> tuple[str, dict[str, Any]] | None:
    if data[12:14] == struct.pack("!H", _ETH_ARP):
        sender, target = socket.inet_ntoa(data[28:32]), socket.inet_ntoa(data[38:42])
        reply = data[21] == 2
        if sender == target:
            return "announced", {"address": sender, "reply": reply}
        return ("answered", {"address": sender, "to": data[0:6].hex(":")}) if reply else None
    header = 14 + (data[14] & 15) * 4
    vrrp = data[header:]
    about = {
        "source": socket.inet_ntoa(data[26:30]),
        "vrid": vrrp[1],
        "priority": vrrp[2],
        "version": vrrp[0] >> 4,
    }
    return "advert", about


def _tell(kind: str, host: str, about: dict[str, Any]) -> None:
    os.write(1, json.dumps([round(time.monotonic(), 6), kind, host, about]).encode() + b"\n")


def watch(vip: str, switch: str, observer: str, hosts: dict[str, str]) -> None:
    """Watch for ever."""
    addresses = {_addresses_of(pid): name for name, pid in hosts.items()}
    frames, ask = _frames_of(switch), _asking(observer)
    mac = ask.getsockname()[4]
    probe = _BROADCAST + mac + struct.pack("!HHHBBH", _ETH_ARP, 1, _ETH_IP, 6, 4, 1)
    probe += mac + bytes(4) + bytes(6) + socket.inet_aton(vip)
    _enter(switch)
    _tell("ready", "", {})
    next_question = time.monotonic()
    while True:
        left = next_question - time.monotonic()
        if left <= 0:
            ask.send(probe)
            next_question += _ASK_EVERY
            continue
        select.select([*addresses, frames], [], [], left)
        # Frames are read first and told last: an address that went before a frame is told before it.
        sent = _drain(frames, hosts)
        for source, name in addresses.items():
            for data in _pending(source):
                for kind, about in _address_changes(data):
                    _tell(kind, name, about)
        for kind, name, about in sent:
            _tell(kind, name, about)


def _pending(source: socket.socket) -> list[bytes]:
    found: list[bytes] = []
    while True:
        try:
            found.append(source.recv(65536))
        except BlockingIOError:
            return found


def _drain(frames: socket.socket, hosts: dict[str, str]) -> list[tuple[str, str, dict[str, Any]]]:
    found: list[tuple[str, str, dict[str, Any]]] = []
    while True:
        try:
            data, (port, _, direction, *_) = frames.recvfrom(2048)
        except BlockingIOError:
            return found
        except OSError:
            continue  # a port went away (ENETDOWN)
        host = port.removeprefix("p-")
        seen = _frame(data) if direction != _OUTGOING and host in hosts else None
        if seen:
            found.append((seen[0], host, seen[1]))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    watch(sys.argv[1], sys.argv[2], sys.argv[3], dict(pair.split("=", 1) for pair in sys.argv[4:]))
