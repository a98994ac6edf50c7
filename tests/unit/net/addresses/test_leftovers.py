"""What of a dump of the kernel is a VIP that an earlier sidecar has left."""

import socket
from ipaddress import ip_address

import pytest

from sidecar.net.addresses.leftovers import _has_ours
from sidecar.net.kernel.attributes import attribute
from sidecar.net.kernel.rtnetlink import ADDRESS, HEADER, NEW_ADDRESS
from sidecar.net.ownership import PROTO

_LOCAL, _PROTO = 2, 11
_LINK = 3
_MCTP, _PHONET = 45, 35


def told(family: int, local: bytes, *more: bytes) -> bytes:
    """Return a message of a dump about one address of a link, as the kernel makes it."""
    body = ADDRESS.pack(family, 8 * len(local), 0, 0, _LINK) + attribute(_LOCAL, local) + b"".join(more)
    return HEADER.pack(HEADER.size + len(body), NEW_ADDRESS, 0, 0, 0) + body


OURS = told(socket.AF_INET, ip_address("10.77.0.100").packed, attribute(_PROTO, bytes([PROTO])))
ANOTHER = told(socket.AF_INET, ip_address("10.77.0.1").packed)


@pytest.mark.parametrize(("family", "local"), [(_MCTP, b"\x08"), (_PHONET, b"\x6c")], ids=["MCTP", "Phonet"])
def test_addresses_of_other_families_are_passed_by(family: int, local: bytes) -> None:
    foreign = told(family, local)
    assert not _has_ours(foreign + ANOTHER, marks=True)
    assert _has_ours(foreign + ANOTHER + OURS, marks=True)
