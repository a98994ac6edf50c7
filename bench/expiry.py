"""How late the kernel removes an address whose lifetime is over: `python -m bench.expiry` (root).

No sidecar runs. In a namespace of its own an address gets a lifetime of two seconds, as a VIP has at an
interval of 1 s, at another phase of the kernel's clock each time; a notification tells when it is gone. The
control is a process that does nothing but wake up: so late is who only waits for that notification.
"""

import argparse
import random
import socket
import struct
import sys
import time
from contextlib import closing

from bench.statistics import Measure, markdown, summarise
from tests.netns.namespace import Namespace
from tests.netns.on_time import control

LIFETIME = 2
COUNTED_WITH = 0.7
"""Seconds with which the lease counts (docs/adr/0002-vip-is-a-lease.md)."""
_LOOPBACK = 1
_IPV4_ADDRESSES = 0x10
_ADD_ADDRESS = 20
_ADDRESS_REMOVED = 21
_REQUEST_NEW_WITH_ANSWER = 0x605
_ANSWER = 2
_ADDRESS, _LOCAL, _LIFETIMES = 1, 2, 6
_MESSAGE = 65536
_CONTROL = 0.05


def expire(kernel: socket.socket, news: socket.socket, addresses: list[bytes]) -> list[float]:
    """Add addresses at random moments, and return by how many seconds each was removed late."""
    added: dict[bytes, float] = {}
    for address in addresses:
        time.sleep(random.uniform(0, 0.5))  # noqa: S311 - phases, no secrets
        kernel.send(_request(address))
        answer = kernel.recv(_MESSAGE)
        added[address] = time.monotonic()
        if answer[4] != _ANSWER or any(answer[16:20]):
            raise SystemExit(f"the kernel refused an address: {answer!r}")
    late = []
    while added:
        message = news.recv(_MESSAGE)
        seen = time.monotonic()
        if int.from_bytes(message[4:6], sys.byteorder) == _ADDRESS_REMOVED:
            removed = next(each for each in added if each in message)
            late.append(seen - added.pop(removed) - LIFETIME)
    return late


def _request(address: bytes) -> bytes:
    """A request for a host address on lo whose lifetime ends (rtnetlink(7))."""
    lifetimes = struct.pack("=4I", LIFETIME, LIFETIME, 0, 0)
    parts = ((_LOCAL, address), (_ADDRESS, address), (_LIFETIMES, lifetimes))
    attributes = b"".join(struct.pack("=HH", 4 + len(value), kind) + value for kind, value in parts)
    body = struct.pack("=4BI", socket.AF_INET, 32, 0, 0, _LOOPBACK) + attributes
    return struct.pack("=IHHII", 16 + len(body), _ADD_ADDRESS, _REQUEST_NEW_WITH_ANSWER, 1, 0) + body


def _netlink(groups: int = 0) -> socket.socket:
    made = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    made.bind((0, groups))
    return made


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.expiry", description="Expiry of addresses.")
    parser.add_argument("--expiries", type=int, default=650, help="addresses that expire (default 650)")
    together_help = "addresses that expire at different moments within some seconds (default 1)"
    parser.add_argument("--together", type=int, default=1, help=together_help)
    arguments = parser.parse_args()
    expiries, together = arguments.expiries, arguments.together
    late: list[float] = []
    with (
        closing(Namespace()) as namespace,
        namespace.network(),
        control(_CONTROL) as beside,
        _netlink(_IPV4_ADDRESSES) as news,
        _netlink() as kernel,
    ):
        for number in range(0, expiries, together):
            numbers = range(number, min(number + together, expiries))
            late += expire(kernel, news, [bytes([192, 0, 2, 1 + each % 250]) for each in numbers])
    rows = [
        summarise(Measure("removed after its lifetime by", COUNTED_WITH, every=True), late),
        summarise(Measure("control: woken late by"), beside.late),
    ]
    sys.stdout.write(markdown(rows))


if __name__ == "__main__":
    main()
