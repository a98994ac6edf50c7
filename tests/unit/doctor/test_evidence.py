"""Questions to the evidence that several judgements ask."""

from dataclasses import replace

import pytest

from sidecar.doctor.evidence import Heard, setting
from sidecar.doctor.problem import Unseen
from tests.unit.doctor.handmade import ETH0, evidence, heard, router, running, told


def test_a_damaged_packet_is_no_advert_and_a_low_ttl_does_not_matter() -> None:
    whole = heard()
    assert whole.advert is not None
    far = replace(whole, packet=replace(whole.packet, ttl=1))
    assert far.advert == whole.advert
    cut = replace(whole, packet=replace(whole.packet, payload=whole.packet.payload[:-1]))
    assert cut.advert is None


@pytest.mark.parametrize(
    "said",
    [
        heard(vrid=52),
        heard(addresses=["192.0.2.200"]),
        heard(outgoing=True),
        heard(source="fe80::11", addresses=["fe80::100"]),
        replace(heard(), packet=replace(heard().packet, interface="eth1")),
    ],
    ids=["another VRID", "another service", "our own", "another family", "another interface"],
)
def test_masters_are_senders_of_our_vrid_with_one_of_our_vips_on_our_interface(said: Heard) -> None:
    assert list(evidence(said).masters(router())) == []
    assert len(list(evidence(heard(), said).masters(router()))) == 1


def test_what_was_not_seen_has_no_device_and_no_packets() -> None:
    assert evidence().device(router()) == ETH0
    assert replace(evidence(), kernel=Unseen("no answer")).device(router()) is None
    assert list(evidence(air=Unseen("no NET_RAW")).heard(router())) == []
    assert list(evidence(router=router(interface="eth9")).heard(router(interface="eth9"))) == []


def test_a_router_is_in_both_states_of_the_sidecar_or_in_none() -> None:
    moved = running(told(), told(state="MASTER"))
    assert (moved.serves("web"), moved.spoke("web")) == (False, True)
    assert running(told(state="MASTER")).serves("web")
    assert moved.router("other") == ()
    assert not moved.serves("other")


def test_the_greater_setting_counts() -> None:
    settings = {"net.ipv4.conf.all.arp_ignore": 1, "net.ipv4.conf.eth0.arp_ignore": 2}
    assert [setting(settings, name, "arp_ignore") for name in ("eth0", "eth1")] == [2, 1]
    assert setting({}, "eth0", "arp_ignore") == 0
