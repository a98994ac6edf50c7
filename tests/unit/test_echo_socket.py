"""What a socket for echo requests hears on the loopback interface, where requests come back, too."""

import select
import socket

import pytest

from sidecar.checks.kinds.icmp import echo_request
from sidecar.echo_socket import raw_echo_socket

pytestmark = pytest.mark.netns

PATIENCE = 10.0
OURS = 0x2345


def types_heard(opened: socket.socket, header: int) -> set[int]:
    """Send two requests, and return the types of all that is heard until both are answered."""
    heard = set()
    for sequence in (1, 2):
        opened.send(echo_request(4 if header else 6, OURS, sequence, b"ours".ljust(16)))
        while select.select([opened], [], [], PATIENCE)[0]:
            packet = opened.recv(2048)[header:]
            if packet[4:6] == OURS.to_bytes(2, "big"):
                heard.add(packet[0])
                if packet[6:8] == sequence.to_bytes(2, "big"):
                    break
        else:
            raise AssertionError("no answer")
    return heard


@pytest.mark.parametrize(
    ("family", "address", "header", "reply"),
    [(socket.AF_INET, "127.0.0.1", 20, 0), (socket.AF_INET6, "::1", 0, 129)],
)
def test_it_hears_replies_alone_and_never_blocks(
    family: socket.AddressFamily, address: str, header: int, reply: int
) -> None:
    with raw_echo_socket(family) as opened:
        assert not opened.getblocking()
        opened.connect((address, 0))
        assert types_heard(opened, header) == {reply}
