"""What a router says about packets that do not count."""

from ipaddress import IPv4Address, IPv4Interface

import pytest

from sidecar.core.actions import PacketDropped, Warned
from sidecar.core.admission import Admission
from sidecar.core.auth import Authenticator
from sidecar.core.events import PacketReceived
from sidecar.core.hearing import _MISTRUST, Hearing
from sidecar.core.params import RouterParams
from sidecar.core.vrrp import GROUP_V4, Advert, Drop, encode
from tests.unit.core.signers import EPOCH, VIP, params

SOURCE = IPv4Address("198.51.100.9")
ROUTER = RouterParams("web", "eth0", 51, 100, (IPv4Interface(VIP),), hmac=params())


def hear(advert: Advert, ttl: int = 255) -> list[object]:
    authenticator = Authenticator(params(), 51, 3)
    authenticator.set_clock(EPOCH)
    payload = encode(advert, SOURCE, GROUP_V4, pseudo_header=True)
    packet = PacketReceived("eth0", SOURCE, GROUP_V4, ttl, payload)
    heard, said = Hearing(ROUTER, Admission(ROUTER, authenticator)).hear(packet, None, 0.0)
    assert heard is None
    return list(said)


ADVERT = Advert(51, 250, 100, (VIP,))


@pytest.mark.parametrize(
    ("trailer", "drop", "look_at"),
    [
        (b"", Drop.AUTH_MISSING, "compare keys and mode of both hosts"),
        (bytes(28), Drop.AUTH_MALFORMED, "its trailer is of another kind"),
        (bytes((1, 1)) + bytes(26), Drop.AUTH_STALE, "compare the clocks of both hosts"),
    ],
)
def test_who_is_refused_for_want_of_a_key_is_named_because_he_serves_beside_us(
    trailer: bytes, drop: Drop, look_at: str
) -> None:
    dropped, warned = hear(Advert(51, 250, 100, (VIP,), trailer=trailer))
    assert dropped == PacketDropped("web", "eth0", SOURCE, drop)
    assert isinstance(warned, Warned)
    assert (warned.router, warned.component, warned.reason) == ("web", "auth", drop)
    assert warned.detail.startswith(f"adverts of {SOURCE} are refused ({drop}); {look_at}")


def test_every_refusal_by_authentication_says_what_to_look_at() -> None:
    assert set(_MISTRUST) == {drop for drop in Drop if drop.startswith("auth_")}


def test_a_packet_from_far_away_is_counted_and_no_more() -> None:
    assert hear(ADVERT, ttl=254) == [PacketDropped("web", "eth0", SOURCE, Drop.TTL)]
