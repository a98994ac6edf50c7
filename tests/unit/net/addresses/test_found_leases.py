"""What the kernel says of an address that an earlier process has left: its record, and the seconds left."""

import socket
import struct
from ipaddress import IPv4Address

import pytest

from sidecar.net.addresses import found_leases
from sidecar.net.kernel.attributes import attribute
from sidecar.net.kernel.rtnetlink import ADDRESS, HEADER, NEW_ADDRESS

VIP = IPv4Address("10.77.0.100").packed
FOR_EVER = 0xFFFFFFFF


def told(valid: int, record: int | None = 7) -> bytes:
    body = ADDRESS.pack(socket.AF_INET, 32, 0, 254, 2) + attribute(2, VIP) + attribute(1, VIP)
    body += attribute(6, struct.pack("=4I", valid, valid, 0, 1000))
    body += b"" if record is None else attribute(9, struct.pack("=I", record))
    return HEADER.pack(HEADER.size + len(body), NEW_ADDRESS, 0, 0, 0) + body


@pytest.mark.parametrize(
    ("since", "valid", "left"), [(0.5, 2, 1.5), (1.9, 1, 0.1), (2.5, 1, 0.0), (0.5, 1, 1.0), (None, 2, 1.0)]
)
def test_of_a_lease_of_2_s_so_many_are_left(
    monkeypatch: pytest.MonkeyPatch, since: float | None, valid: int, left: float
) -> None:
    monkeypatch.setattr(found_leases, "seconds_since", lambda _: since)
    ((key, found),) = found_leases._leases([told(valid)], 2)
    assert key == (VIP, 32, b"")
    assert found.record == 7
    assert found.seconds == pytest.approx(left)


def test_an_address_without_a_record_or_without_a_lease() -> None:
    assert [found.record for _, found in found_leases._leases([told(2, None)], 2)] == [0]
    assert list(found_leases._leases([told(FOR_EVER)], 2)) == []
