"""Adverts as they leave: from which address, with which TTL, in which frame."""

import socket
import struct
from contextlib import closing
from dataclasses import replace

import pytest

from sidecar.core.events import SendFailed
from sidecar.core.wire.constants import GROUPS
from tests.kernel.listening import (
    BOTH,
    FAR,
    FOREIGN,
    OWN,
    ROUTERS,
    SECOND,
    all_heard,
    listening,
)
from tests.kernel.own_namespace import inside, ip
from tests.kernel.packets import advert
from tests.kernel.sending import Tap, payload, send

pytestmark = [pytest.mark.netns, pytest.mark.alone]


@BOTH
def test_adverts_leave_as_the_rfc_wants_them(family: int) -> None:
    def work() -> None:
        with listening() as (d, _), closing(Tap(family)) as tap:
            assert send(d, OWN[family], GROUPS[family]) is None
            sent = tap.frame()
        if family == 4:
            assert sent[:6] == bytes.fromhex("01005e000012")
            assert (sent[15], sent[22]) == (0xC0, 255)
            assert sent[26:34] == OWN[4].packed + GROUPS[4].packed
            assert sent[34:] == payload(4, OWN[4], GROUPS[4])
        else:
            assert sent[:6] == bytes.fromhex("333300000012")
            first, length, following, hop_limit = struct.unpack_from("!IHBB", sent, 14)
            assert (first >> 20 & 0xFF, length, following, hop_limit) == (0xC0, 24, 112, 255)
            assert sent[22:54] == OWN[6].packed + GROUPS[6].packed
            assert sent[54:] == payload(6, OWN[6], GROUPS[6])

    inside(work)


@BOTH
def test_the_source_is_exactly_the_one_that_was_named(family: int) -> None:
    def work() -> None:
        with listening() as (d, _):
            mac = "02:00:00:00:00:12"
            ip(f"neighbour add {FAR[family]} lladdr {mac} dev v0")
            with closing(Tap(family)) as tap:
                for source, destination in (
                    (OWN[family], GROUPS[family]),
                    (SECOND[family], GROUPS[family]),
                    (SECOND[family], FAR[family]),
                ):
                    assert send(d, source, destination) is None
                    sent = tap.frame()
                    assert source.packed + destination.packed in sent
                    assert sent[{4: 22, 6: 21}[family]] == 255

    inside(work)


@BOTH
def test_an_address_that_the_host_does_not_have_is_no_source(family: int) -> None:
    def work() -> None:
        with listening() as (d, _):
            failed = send(d, FOREIGN[family], GROUPS[family])
            assert failed is not None
            assert str(GROUPS[family]) in failed.error

    inside(work)


@BOTH
def test_a_virtual_mac_speaks_with_the_address_of_the_interface_below_and_hears_nothing(family: int) -> None:
    def work() -> None:
        router = replace(ROUTERS[family], virtual_mac=True)
        mac, name = router.mac, router.vip_interface
        assert mac is not None
        # Without the mark of ours, so that the network leaves it to us.
        ip(f"link add {name} link v0 address {mac.hex(':')} type macvlan mode bridge")
        ip(f"link set {name} addrgenmode none")
        ip(f"link set {name} up")
        with listening(router) as (d, out):
            wire = d.network._lan
            index = socket.if_nametoindex(name)
            assert wire.speak(name, index) == ""
            assert wire.speak(name, index) == ""
            with closing(Tap(family)) as tap:
                assert send(d, OWN[family], GROUPS[family], name) is None
                sent = tap.frame()
            assert sent[6:12] == mac
            assert OWN[family].packed + GROUPS[family].packed in sent
            out.send(advert(family))
            assert [heard.interface for heard in all_heard(d)] == ["v0"]
            wire.leave(name)
            assert send(d, OWN[family], GROUPS[family], name) == SendFailed("web", f"no socket on {name}")
            ip(f"link del {name}")
            assert "No such device" in wire.speak(name, index)

    inside(work)
