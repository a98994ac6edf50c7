"""What is remembered of the LAN is bounded, whatever is invented there, and concerns our routers."""

from dataclasses import replace
from ipaddress import IPv4Address
from math import inf

from sidecar.core.state import Reason
from sidecar.core.wire.captured import ETHERTYPE_IPV4, Frame
from sidecar.telemetry.lan.evidence import MOST, WORD
from tests.unit.telemetry.lan.overheard import OTHER, OTHER_MAC, OWN, B, Ears, backup, claim, master, vrrp


def test_equal_adverts_are_counted_with_their_first_and_last_time() -> None:
    ears = Ears(backup())
    ears.hear_for(3, vrrp())
    (heard,) = ears.evidence.picture().adverts
    assert (heard.source, heard.mac, heard.number, heard.last - heard.began) == (B, OTHER_MAC, 3, 2.0)


def test_a_pause_begins_them_anew() -> None:
    ears = Ears(backup())
    ears.hear_for(3, vrrp())
    ears.hear(vrrp(), seconds=10)
    (heard,) = ears.evidence.picture().adverts
    assert (heard.number, heard.began) == (1, heard.last)


def test_a_resignation_ends_them() -> None:
    ears = Ears(backup())
    ears.hear_for(3, vrrp())
    ears.hear(vrrp(priority=0))
    picture = ears.evidence.picture()
    assert picture.adverts == ()
    assert picture.of_source(B) is not None


def test_damaged_packets_and_those_of_other_services_are_nothing() -> None:
    ears = Ears(backup())
    whole = vrrp()
    spoilt = replace(whole, data=whole.data[:-1] + b"\xff")
    ears.hear(
        spoilt, vrrp(vrid=9, vip="10.77.0.9"), claim(vip="10.77.0.9"), Frame(False, ETHERTYPE_IPV4, b"", b"")
    )
    picture = ears.evidence.picture()
    assert (picture.adverts, picture.words, picture.senders) == ((), (), ())


def test_a_trial_of_the_sidecar_itself_is_nothing() -> None:
    ears = Ears(backup())
    sent = vrrp(outgoing=True)
    ears.hear(replace(sent, data=sent.data[:8] + b"\0" + sent.data[9:]))
    assert ears.evidence.picture().adverts == ()


def test_invented_senders_take_bounded_memory_and_hide_nobody_who_was_heard_before() -> None:
    ears = Ears(master())
    ears.hear_for(3, vrrp())
    for number in range(4 * MOST):
        mac = (0x020000000000 + number).to_bytes(6, "big")
        invented = vrrp(IPv4Address("10.78.0.0") + number, mac, priority=1 + number % 254)
        ears.hear(invented, claim(mac), seconds=0.01)
    picture = ears.evidence.picture()
    assert (len(picture.adverts), len(picture.words), len(picture.senders)) == (MOST, MOST, MOST)
    assert any(each.mac == OTHER_MAC for each in picture.adverts)


def test_words_are_forgotten_after_a_while() -> None:
    ears = Ears(master())
    ears.hear(claim(OTHER))
    ears.wait(WORD)
    assert len(ears.evidence.picture().words) == 1
    ears.wait(0.1)
    assert ears.evidence.picture().words == ()


def test_a_router_that_is_gone_is_forgotten() -> None:
    ears = Ears(backup())
    ears.hear(vrrp())
    ears.evidence.keep(())
    assert dict(ears.evidence.picture().courses) == {}
    ears.wait(10)
    ears.hear(vrrp())
    assert ears.evidence.picture().adverts == ()


def test_the_master_that_fell_silent_is_known_by_its_adverts_where_no_picture_told_of_it() -> None:
    ears = Ears(backup(master=None))
    ears.hear_for(3, vrrp())
    heard_at = ears.now
    ears.wait(3.1)
    ears.becomes(master(since=ears.now), Reason.MASTER_DOWN)
    course = ears.evidence.picture().courses["web"]
    assert (course.lost, course.lost_at) == (B, heard_at)


def test_the_mac_of_an_interface_is_the_one_that_it_has_now() -> None:
    ears = Ears(backup())
    ears.hear(vrrp())
    assert ears.evidence.picture().macs == {"eth0": OWN.hex(":")}
    ears.evidence.heard("eth0", OTHER, (), ears.now)
    assert ears.evidence.picture().macs == {"eth0": OTHER_MAC}


def test_a_packet_of_a_known_host_is_a_sign_of_life_whatever_it_says() -> None:
    ears = Ears(backup())
    heard_before = claim(OTHER)
    ears.hear(heard_before)
    said = ears.now
    ears.evidence.hosts([OTHER_MAC, "02:00:00:77:00:42"])
    assert dict(ears.evidence.picture().alive) == {OTHER_MAC: said, "02:00:00:77:00:42": -inf}
    ears.hear(claim(OTHER, vip="10.77.0.9"), seconds=5)
    assert ears.evidence.picture().alive[OTHER_MAC] == ears.now
    ears.evidence.hosts([])
    ears.hear(heard_before)
    assert ears.evidence.picture().alive == {}
