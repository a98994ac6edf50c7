"""Adverts as this host sends them, and what goes through its interface."""

import socket

from sidecar.core.actions import SendAdvert
from sidecar.core.address import Address
from sidecar.core.events import SendFailed
from sidecar.core.wire.advert import Advert, encode
from tests.kernel.desk import NEVER, Desk
from tests.kernel.listening import (
    ROUTERS,
)


class Tap:
    """Hears the VRRP packets that leave v0."""

    def __init__(self, family: int) -> None:
        self._family = family
        ethertype = {4: 0x0800, 6: 0x86DD}[family]
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.settimeout(2)
        self._socket.bind(("v1", ethertype))

    def frame(self) -> bytes:
        """The next one, all of it."""
        while True:
            heard = self._socket.recv(9000)
            if heard[{4: 23, 6: 20}[self._family]] == 112:
                return heard

    def close(self) -> None:
        self._socket.close()


def payload(family: int, source: Address, destination: Address) -> bytes:
    said = Advert(51, 250, 100, (ROUTERS[family].addresses[0].ip,))
    return encode(said, source, destination, pseudo_header=True)


def send(d: Desk, source: Address, destination: Address, interface: str = "v0") -> SendFailed | None:
    packet = payload(source.version, source, destination)
    failed = d.network.perform(SendAdvert("web", interface, source, ((destination, packet),), 250, NEVER))
    assert failed is None or isinstance(failed, SendFailed)
    return failed
