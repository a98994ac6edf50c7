"""A Network that listens in both families on v0, with somebody at the far end who sends anything."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_interface
from typing import Final

import pytest

from sidecar.core.address import Address
from sidecar.core.events import InterfaceChanged, PacketReceived
from sidecar.core.params import RouterParams
from sidecar.net.vrrp.pace import REFUSED
from tests.kernel.desk import Desk, desk
from tests.kernel.far_end import give_ipv6
from tests.kernel.own_namespace import ip
from tests.kernel.packets import Sender, sender

OWN: Final[dict[int, Address]] = {4: ip_address("10.77.0.11"), 6: ip_address("fe80::11")}
SECOND: Final[dict[int, Address]] = {4: ip_address("10.77.0.21"), 6: ip_address("fd77::11")}
FAR: Final[dict[int, Address]] = {4: ip_address("10.77.0.12"), 6: ip_address("fd77::12")}
FOREIGN: Final[dict[int, Address]] = {4: ip_address("10.77.0.99"), 6: ip_address("fe80::99")}
ROUTERS: Final = {
    4: RouterParams("web", "v0", 51, 250, (ip_interface("10.77.0.100/32"),)),
    6: RouterParams("web6", "v0", 51, 250, (ip_interface("fe80::100/128"),)),
}
BOTH: Final = pytest.mark.parametrize("family", [4, 6])
SOON: Final = 4 * REFUSED.pause
"""Seconds after which everything has been heard that is ever heard."""


@contextmanager
def listening(*routers: RouterParams) -> Iterator[tuple[Desk, Sender]]:
    """Open a Network for these routers, or for one of each family, and the far end of v0."""
    give_ipv6()
    ip("address replace 10.77.0.21/24 dev v0")
    with sender() as out, desk(*(routers or ROUTERS.values())) as d:
        changed = d.until(InterfaceChanged)
        assert changed.state is not None
        assert not changed.state.listen_error
        yield d, out


def all_heard(d: Desk) -> list[PacketReceived]:
    """Everything that is heard until nothing more comes for a while."""
    ends = time.monotonic() + SOON
    while time.monotonic() < ends:
        if more := d.hear():
            ends = time.monotonic() + SOON
        d.said += more
        d.rest(0.01)
    heard = [event for event in d.said if isinstance(event, PacketReceived)]
    d.said.clear()
    return heard
