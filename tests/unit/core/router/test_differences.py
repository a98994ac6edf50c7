"""What a packet that is not understood in full says all the same."""

from ipaddress import IPv4Address

import pytest

from sidecar.core.events import PacketReceived
from sidecar.core.router.differences import claimed_interval


@pytest.mark.parametrize(
    ("payload", "seconds"),
    [
        ("31 33 64 01 00 64 0000", 1.0),
        ("31 33 64 01 0f ff 0000", 40.95),
        ("31 33 64 01 f0 64 0000", 1.0),  # the four reserved bits are no part of it
        ("21 33 64 01 00 03 0000", 3.0),
        ("31 33 64 01 00 64 00", 0.0),
    ],
)
def test_the_interval_is_told_of_either_version(payload: str, seconds: float) -> None:
    source = IPv4Address("10.77.0.12")
    packet = PacketReceived("eth0", source, IPv4Address("224.0.0.18"), 255, bytes.fromhex(payload))
    assert claimed_interval(packet) == seconds
