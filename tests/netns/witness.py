"""The true course of events: the addresses each kernel has, and the VRRP, ARP and ND frames each host sent.

A program of its own: `python -m tests.netns.witness VIP SWITCH_PID OBSERVER_PID HOST=PID...`. One process
for the whole LAN, one clock (CLOCK_MONOTONIC). Every 20 ms the observer asks who has the VIP, by ARP
or ND. Writes `[at, kind, host, {...}]` per event; the kinds are in `sightings.py`.
"""

import ctypes
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.netns import witness_frames, witness_kernel

_NEWNET = 0x40000000
_OUTGOING = 4
_ASK_EVERY = 0.02
_LATE = 0.005
"""Lateness of our own timer from which on it is told: how busy the machine is, for bounds on time."""


def _inside(pid: str, make: Callable[[], socket.socket]) -> socket.socket:
    """Make something in the network of a process, and stay there."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    if libc.setns(handle, _NEWNET) != 0:
        raise OSError(ctypes.get_errno(), f"cannot enter the network of process {pid}")
    os.close(handle)
    return make()


def _tell(kind: str, host: str, about: dict[str, Any]) -> None:
    os.write(1, json.dumps([round(time.monotonic(), 6), kind, host, about]).encode() + b"\n")


def watch(vip: str, switch: str, observer: str, hosts: dict[str, str]) -> None:
    """Watch for ever."""
    kernels = {_inside(pid, witness_kernel.subscribe): name for name, pid in hosts.items()}
    frames = _inside(switch, witness_frames.listen)
    ask = _inside(observer, witness_frames.asking)
    question = witness_frames.question(vip, ask.getsockname()[4])
    carriers: dict[tuple[str, int], bool] = {}
    _tell("ready", "", {})
    next_question = time.monotonic()
    while True:
        left = next_question - time.monotonic()
        if left <= 0:
            if left < -_LATE:
                _tell("late", "", {"by": round(-left, 6)})
            ask.send(question)
            next_question += _ASK_EVERY
            continue
        select.select([*kernels, frames], [], [], left)
        # Frames are read first and told last: an address that went before a frame is told before it.
        sent = list(_drain(frames, hosts))
        for source, name in kernels.items():
            for data in _pending(source):
                for kind, about in witness_kernel.changes(data):
                    if kind != "carrier" or carriers.get(key := (name, about["index"])) != about["up"]:
                        _tell(kind, name, about)
                    if kind == "carrier":
                        carriers[key] = about["up"]
        for kind, name, about in sent:
            _tell(kind, name, about)


def _pending(source: socket.socket) -> list[bytes]:
    found: list[bytes] = []
    while True:
        try:
            found.append(source.recv(65536))
        except BlockingIOError:
            return found


def _drain(frames: socket.socket, hosts: dict[str, str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    while True:
        try:
            data, (port, _, direction, *_), stamp = witness_frames.receive(frames)
        except BlockingIOError:
            return
        except OSError:
            continue  # a port went away (ENETDOWN)
        host = port.removeprefix("p-")
        if direction != _OUTGOING and host in hosts and (seen := witness_frames.understand(data)):
            yield seen[0], host, {**seen[1], "stamp": stamp}


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    watch(sys.argv[1], sys.argv[2], sys.argv[3], dict(pair.split("=", 1) for pair in sys.argv[4:]))
