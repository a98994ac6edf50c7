"""Which packets count."""

from ipaddress import IPv4Address

import pytest

from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.params import Unicast
from sidecar.core.router.admission import Admission
from sidecar.core.wire.advert import GROUP_V4, Advert, Drop, encode
from tests.unit.core.stage import PEER, US, VIP, router


def packet(source: Address = PEER, to: Address = GROUP_V4, vrid: int = 51) -> PacketReceived:
    payload = encode(Advert(vrid, 100, 100, (VIP.ip,)), source, to, pseudo_header=True)
    return PacketReceived("eth0", source, to, 255, payload)


UNICAST = Unicast(US, (PEER,))

UNKNOWN_SENDER = IPv4Address("10.77.0.66")


@pytest.mark.parametrize(
    ("heard", "unicast", "drop"),
    [
        (packet(), None, None),
        (packet(source=US), None, Drop.OWN),
        (packet(to=US), None, Drop.DESTINATION),
        (packet(vrid=52), None, Drop.VRID),
        (packet(to=US), UNICAST, None),
        (packet(), UNICAST, Drop.DESTINATION),
        (packet(source=UNKNOWN_SENDER, to=US), UNICAST, Drop.SOURCE),
    ],
)
def test_admission(heard: PacketReceived, unicast: Unicast | None, drop: Drop | None) -> None:
    answer = Admission(router(unicast=unicast), None).admit(heard, US, 1.0)
    assert answer is drop if drop else isinstance(answer, Advert)
