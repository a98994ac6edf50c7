"""What the kernel has forgotten while nobody looked is known afterwards: the group is joined again.

Modules: net.vrrp.lan_sockets, net.kernel.picture.
"""

import os
from collections.abc import Callable

import pytest

from sidecar.core.events import PacketReceived
from tests.kernel.desk import Desk
from tests.kernel.far_end import give_ipv6
from tests.kernel.listening import listening
from tests.kernel.own_namespace import inside, ip, ip_batch
from tests.kernel.packets import OUR_MAC, Sender, advert
from tests.netns.bounds import SLOWER
from tests.netns.namespace import Namespace

pytestmark = pytest.mark.netns


def give_back() -> None:
    """Give v0 the addresses that it has lost."""
    ip_batch(
        [f"link set v0 address {OUR_MAC}\n", "link set v0 up\n", "address replace 10.77.0.21/24 dev v0\n"]
    )
    give_ipv6()


def too_small() -> None:
    """The least packet of IPv6 does not fit."""
    ip_batch(["link set v0 mtu 1279\n", "link set v0 mtu 1500\n"])


def away() -> None:
    """In another namespace; it keeps its number."""
    here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    other = Namespace()
    try:
        ip(f"link set v0 netns {other.pid}")
        other.ip(f"link set v0 netns /proc/{os.getpid()}/fd/{here}")
    finally:
        other.close()
        os.close(here)


def arrives(d: Desk, out: Sender, frame: bytes) -> bool:
    """Whether it is heard. Until the kernel has noticed the carrier of v1 it drops what is sent there."""
    ends = d.loop.clock() + SLOWER * 5
    while d.loop.clock() < ends:
        d.hear()
        out.send(frame)
        d.rest(0.05)
        if any(isinstance(event, PacketReceived) for event in d.hear()):
            return True
    return False


@pytest.mark.parametrize(("forgotten", "family"), [(too_small, 6), (away, 4), (away, 6)])
def test_the_group_is_joined_again_however_quickly_it_was_forgotten(
    forgotten: Callable[[], None], family: int
) -> None:
    def work() -> None:
        with listening() as (d, out):
            forgotten()
            give_back()
            assert arrives(d, out, advert(family))

    inside(work)
