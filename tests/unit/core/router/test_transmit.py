"""From where advertisements go, and to whom."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface

import pytest

from sidecar.core.events import InterfaceState, PacketReceived
from sidecar.core.params import HmacParams, RouterParams, Unicast
from sidecar.core.router.admission import Admission
from sidecar.core.router.auth import Authenticator
from sidecar.core.router.transmit import Transmitter, source_address
from sidecar.core.wire.advert import Advert, Drop, encode
from sidecar.core.wire.hmac_key import HmacKey
from tests.unit.core.stage import MAC, PEER, US, router

LOCAL, GLOBAL = IPv6Address("fe80::11"), IPv6Address("2001:db8::11")
SIX = (IPv4Address("10.77.0.11"), LOCAL, GLOBAL)
BOTH = Unicast(None, (US, PEER))


def six(*peers: str) -> RouterParams:
    vips = (ip_interface("fe80::100"), ip_interface("2001:db8::100"))
    unicast = Unicast(None, tuple(map(ip_address, peers))) if peers else None
    return replace(router(unicast=unicast), addresses=vips)


@pytest.mark.parametrize(
    ("params", "addresses", "source"),
    [
        (router(), (LOCAL, US), US),
        (router(unicast=BOTH), (LOCAL, US, PEER), US),
        (router(unicast=BOTH), (LOCAL,), None),
        (router(unicast=Unicast(US, (PEER,))), (PEER,), None),
        (six(), SIX, LOCAL),
        (six("fe80::12"), SIX, LOCAL),
        (six("2001:db8::12"), SIX, GLOBAL),
        (six("2001:db8::12"), (LOCAL,), None),
    ],
)
def test_source(
    params: RouterParams, addresses: tuple[IPv4Address | IPv6Address, ...], source: IPv4Address | None
) -> None:
    assert source_address(params, InterfaceState(2, up=True, mac=MAC, addresses=addresses)) == source
    assert source_address(params, None) is None


def test_the_host_itself_is_no_peer() -> None:
    packets = Transmitter(router(unicast=BOTH), None).advertise(US, 100, 0.0, 1.0).packets
    assert [to for to, _ in packets] == [PEER]


@pytest.mark.parametrize(
    ("own", "source", "destination", "refused"),
    [
        (US, PEER, US, None),
        (US, PEER, IPv4Address("10.77.0.99"), Drop.DESTINATION),
        (US, US, US, Drop.OWN),
        (US, IPv4Address("10.77.0.13"), US, Drop.SOURCE),
        (None, PEER, US, Drop.DESTINATION),
    ],
)
def test_without_a_source_adverts_count_that_come_to_the_address_that_is_sent_from(
    own: IPv4Address | None, source: IPv4Address, destination: IPv4Address, refused: Drop | None
) -> None:
    params = router(unicast=BOTH)
    sent = Advert(params.vrid, 200, 100, tuple(vip.ip for vip in params.addresses))
    packet = PacketReceived(
        "eth0", source, destination, 255, encode(sent, source, destination, pseudo_header=True)
    )
    assert Admission(params, None).admit(packet, own, 0.0) == (refused or sent)


def test_an_advertisement_is_encoded_once_unless_it_is_signed() -> None:
    plain = Transmitter(router(), None)
    first = plain.advertise(US, 100, 0.0, 1.0)
    assert plain.advertise(US, 100, 5.0, 6.0).packets is first.packets
    assert plain.advertise(US, 99, 5.0, 6.0).packets != first.packets
    assert plain.advertise(PEER, 100, 5.0, 6.0).packets != first.packets
    signing = Transmitter(router(), Authenticator(HmacParams((HmacKey(1, b"key"),)), 51, 3))
    assert signing.advertise(US, 100, 0.0, 1.0).packets != signing.advertise(US, 100, 1.0, 2.0).packets


def test_advertisements_of_many_priorities_are_not_all_kept() -> None:
    """A weight that follows a load can make any priority. Each of them is what it would be alone."""
    transmitter = Transmitter(router(), None)
    for priority in [*range(1, 255), 1]:
        alone = Transmitter(router(), None).advertise(US, priority, 0.0, 1.0)
        assert transmitter.advertise(US, priority, 0.0, 1.0) == alone
