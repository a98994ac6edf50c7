"""Routers that are exchanged at run time, and adverts with numbers."""

import subprocess
import time

from sidecar.core.events import PacketReceived
from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.constants import GROUPS
from tests.kernel.desk import Desk
from tests.kernel.packets import PEERS, VIPS, frame


def shown(interface: str) -> str:
    command = ["ip", "-o", "address", "show", "dev", interface]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def settled(d: Desk) -> None:
    """Every exchange was carried out, and what the kernel has was told."""
    ends = time.monotonic() + 30
    d.said += d.hear()
    while (d.network._exchanges or not d.network._view.current) and time.monotonic() < ends:
        d.wait(0.05)
        d.said += d.network.hear()
    assert not d.network._exchanges
    d.said += d.network.hear()


def numbered(number: int, vrid: int = 51) -> bytes:
    """An advert of the peer with a number where the interval is."""
    said = Advert(vrid, 240, number, (VIPS[4],))
    return frame(PEERS[4], GROUPS[4], encode(said, PEERS[4], GROUPS[4], pseudo_header=True))


def numbers(packets: list[PacketReceived], vrid: int = 51) -> list[int]:
    return [int.from_bytes(each.payload[4:6]) & 0xFFF for each in packets if each.payload[1] == vrid]
