"""What the kernel's messages say of the greatest packet of an interface."""

import socket
import struct
from pathlib import Path

import pytest

from sidecar.net.kernel.attributes import attribute, nested, text
from sidecar.net.kernel.link import Link
from sidecar.net.kernel.picture import Concerns, KernelPicture
from sidecar.net.kernel.reader import KernelReader
from sidecar.net.kernel.rtnetlink import LINK, NUMBER

# forwarding, hop_limit, mtu, accept_ra ... of a dummy interface of Linux 6
CONF = bytes.fromhex(
    "0000000040000000dc05000001000000010000000100000001000000ffffffffa00f0000e803000000000000803a0900"
    "805101000300000058020000100000000000000001000000010000000100000060ea0000000000000000000000000000"
    "000000000000000000000000ffffffff000000000000000010270000e803000001000000000000000000000001000000"
    "0000000000000000010000000000000000000000000000000000000080ee360000000000000000000100000000000000"
    "000000000000000000000000000000000000000004000000000000ffff0000ffffffff01000000000000000000000000"
)
PROC = Path("/proc/sys/net/ipv6/conf/lo/mtu")


def conf(mtu: int) -> bytes:
    return CONF[:8] + struct.pack("=i", mtu) + CONF[12:]


def told(mtu: int, ipv6: bytes | None) -> Link:
    """A link after a message. `ipv6`: its settings of IPv6, None: it has no IPv6."""
    families = () if ipv6 is None else (nested(socket.AF_INET6, attribute(2, ipv6)),)
    body = LINK.pack(socket.AF_UNSPEC, 1, 2, 0x41, 0) + text(3, "eth0") + attribute(4, NUMBER.pack(mtu))
    body += nested(26, nested(socket.AF_INET, b""), *families)
    link = Link(2, 2)
    link.take(body, 0, len(body))
    return link


@pytest.mark.parametrize(
    ("mtu", "ipv6", "least"),
    [
        (1500, conf(1500), 1500),
        (1500, conf(1480), 1480),
        (1400, conf(1500), 1400),
        (1500, None, 1500),
        (1200, None, 1200),
        (1500, conf(1480)[:8], 1500),
        (1500, b"", 1500),
    ],
    ids=["equal", "ipv6 routers say less", "lowered", "no ipv6", "too small for ipv6", "short", "empty"],
)
def test_ipv6_has_a_limit_of_its_own(mtu: int, ipv6: bytes | None, least: int) -> None:
    link = told(mtu, ipv6)
    assert (link.mtu, link.least_mtu, link.ipv6, link.forwarding) == (mtu, least, ipv6 is not None, False)


def test_a_host_that_routes_has_the_same_limit() -> None:
    link = told(1500, struct.pack("=i", 1) + conf(1480)[4:])
    assert link.forwarding
    assert link.least_mtu == 1480


def test_the_limit_goes_with_ipv6() -> None:
    link, without = told(1500, conf(1480)), LINK.pack(socket.AF_UNSPEC, 1, 2, 0x41, 0) + nested(26)
    link.take(without, 0, len(without))
    assert (link.ipv6, link.least_mtu) == (False, 1500)


@pytest.mark.skipif(not PROC.exists(), reason="this host has no IPv6")
def test_this_kernel_tells_the_same_as_its_settings() -> None:
    picture = KernelPicture(Concerns(frozenset({"lo"}), frozenset()), marks=True)
    with KernelReader() as reader:
        for data in reader.links():
            picture.apply(data)
    link = picture.link("lo")
    assert link is not None
    assert link.ipv6_mtu == int(PROC.read_text())
