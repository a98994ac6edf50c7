"""What is said of the LAN in each situation, and that a planned move is nothing.

Modules: telemetry.lan.sentences, telemetry.lan.picture, telemetry.lan.finding.
"""

from dataclasses import replace
from ipaddress import IPv4Interface

import pytest

from sidecar.core.snapshot import PeerMismatch, RouterSnapshot
from sidecar.core.state import Reason
from sidecar.core.wire.captured import Frame
from sidecar.telemetry.lan.finding import LanKind
from sidecar.telemetry.lan.findings import GRACE
from sidecar.telemetry.lan.picture import LATE
from tests.unit.telemetry.lan.overheard import (
    OTHER,
    OTHER_MAC,
    OWN,
    START,
    THIRD,
    THIRD_MAC,
    A,
    B,
    Ears,
    backup,
    claim,
    master,
    probe,
    vrrp,
)


def ours(priority: int = 250) -> Frame:
    return vrrp(A, OWN, priority, outgoing=True)


def test_a_pair_that_is_well_is_nothing() -> None:
    for ears, heard in ((Ears(master()), vrrp(A, OWN, 250, outgoing=True)), (Ears(backup()), vrrp())):
        ears.hear_for(30, heard)
        assert ears.found() == ()


def test_a_master_whose_adverts_a_packet_filter_of_this_host_drops() -> None:
    """The one-way cut on the host that hears nothing: the router does not hear what is overheard."""
    ears = Ears(backup())
    ears.hear_for(10, vrrp())
    ears.becomes(master(since=ears.now), Reason.MASTER_DOWN)
    ears.hear_for(2, vrrp())
    assert ears.found() == ()
    ears.hear_for(2, vrrp())
    (found,) = ears.found()
    assert (found.kind, found.fault, found.source, found.mac) == (LanKind.TWO_HOLDERS, True, B, OTHER_MAC)
    assert found.sentence == (
        "10.77.0.100 is held by two hosts: this one and 10.77.0.12 (02:00:00:77:00:0c), which advertises "
        "with priority 240; its adverts come to eth0 and do not pass the packet filter of this host: `nft "
        "list ruleset` shows the rule, and `ip protocol 112 accept` before it (iptables: `iptables -I INPUT "
        "-p 112 -j ACCEPT`) lets them pass; where no rule does, rp_filter may, with two cards in one "
        "network: `sysctl -w net.ipv4.conf.eth0.rp_filter=2`"
    )


def test_a_master_that_does_not_hear_this_one() -> None:
    """The one-way cut on the host that hears everything."""
    ears = Ears(master(masters_observed=2))
    ears.hear_for(5, ours(), vrrp())
    (found,) = ears.found()
    assert (found.kind, found.source, found.mac) == (LanKind.TWO_HOLDERS, B, OTHER_MAC)
    assert "it does not hear this host: see what drops IP protocol 112 on the way there" in found.sentence
    ears.wait(6)
    assert ears.found() == ()


def test_a_master_that_is_refused_is_told_with_what_mends_that() -> None:
    refused = PeerMismatch(
        B, None, "version", True, "it speaks VRRP version 2, we version 3", "set it", 5, START
    )
    ears = Ears(master(mismatches=(refused,)))
    ears.hear_for(5, vrrp(version=2))
    (found,) = ears.found()
    assert found.sentence.endswith("with priority 240; it speaks VRRP version 2, we version 3: set it")


@pytest.mark.parametrize("other", [vrrp(vip="10.77.0.200"), vrrp(vrid=52, vip="10.77.0.101")])
def test_another_service_is_nothing(other: Frame) -> None:
    ears = Ears(master())
    ears.hear_for(10, other)
    assert ears.found() == ()


def test_a_vip_under_another_vrid_is_held_twice() -> None:
    ears = Ears(master())
    ears.hear_for(5, vrrp(vrid=52))
    assert ears.kinds() == ["two_holders"]


@pytest.mark.parametrize("second", [0.0, 0.4, 0.9])
def test_a_master_that_yields_is_nothing(second: float) -> None:
    """It advertises once more when it hears this host, and announces nothing any more."""
    ears = Ears(backup(effective_priority=250))
    ears.hear_for(10, vrrp())
    ears.becomes(master(since=ears.now), Reason.PREEMPT)
    ears.hear(vrrp(), seconds=second)
    for _ in range(30):
        assert ears.found() == ()
        ears.wait(0.5)


def test_a_master_that_takes_over_is_nothing() -> None:
    """Its announcement comes first, then its advert."""
    ears = Ears(backup())
    ears.hear_for(10, vrrp(), claim(OTHER))
    ears.hear(vrrp(priority=0))
    ears.hear(claim(THIRD))
    assert ears.found() == ()
    ears.hear_for(20, vrrp(A, THIRD, 250), claim(THIRD))
    assert ears.found() == ()


def test_two_other_hosts_that_serve_are_both_named() -> None:
    ears = Ears(backup())
    ears.hear_for(5, vrrp(), vrrp(A, THIRD, 250))
    (found,) = ears.found()
    assert found.kind is LanKind.TWO_HOLDERS
    for name in (B, OTHER_MAC, A, THIRD_MAC):
        assert str(name) in found.sentence


def test_a_master_of_which_only_announcements_arrive_is_named_by_what_was_heard_before() -> None:
    ears = Ears(backup())
    ears.hear_for(10, vrrp())
    ears.wait(3.1)
    ears.becomes(master(since=ears.now), Reason.MASTER_DOWN)
    ears.wait(GRACE + LATE)
    assert ears.kinds() == ["silent_master"]
    ears.hear(claim(OTHER))
    (found,) = ears.found()
    assert (found.kind, found.source, found.mac) == (LanKind.TWO_HOLDERS, B, OTHER_MAC)
    assert "which answers for it although none of its adverts comes to eth0" in found.sentence
    ears.wait(16)
    assert LanKind.TWO_HOLDERS not in ears.kinds()


def test_a_master_of_which_nothing_arrives_is_told_of_until_anything_does() -> None:
    ears = Ears(backup())
    ears.hear_for(10, vrrp())
    ears.wait(3.1)
    ears.becomes(master(since=ears.now), Reason.MASTER_DOWN)
    assert ears.found() == ()
    ears.wait(GRACE + LATE)
    (found,) = ears.found()
    assert (found.kind, found.fault, found.source, found.mac) == (LanKind.SILENT_MASTER, False, B, OTHER_MAC)
    assert found.sentence.startswith(
        "nothing heard of 10.77.0.12 (02:00:00:77:00:0c) since second 10, from which this host took over web"
    )
    ears.wait(3600)
    assert ears.kinds() == ["silent_master"]
    ears.hear(probe(OTHER))
    assert ears.found() == ()


def test_a_last_advert_that_was_read_after_the_takeover_is_no_sign_of_life() -> None:
    """At an interval of 0.3 s a takeover comes sooner than the next reading."""
    ears = Ears(backup())
    ears.hear_for(10, vrrp())
    ears.becomes(master(since=ears.now), Reason.MASTER_DOWN)
    ears.hear(vrrp(), seconds=LATE - 0.1)
    ears.wait(5)
    assert ears.kinds() == ["silent_master"]


@pytest.mark.parametrize("reason", [Reason.PRIORITY_ZERO, Reason.PREEMPT])
def test_a_master_that_resigned_or_was_replaced_is_missed_by_nobody(reason: Reason) -> None:
    ears = Ears(backup())
    ears.hear_for(10, vrrp())
    ears.becomes(master(since=ears.now), reason)
    ears.wait(60)
    assert ears.found() == ()


@pytest.mark.parametrize(("role", "heard"), [(master(), ours()), (backup(), vrrp())])
def test_a_third_machine_that_answers_for_the_vip_is_named_by_its_mac(
    role: RouterSnapshot, heard: Frame
) -> None:
    ears = Ears(role)
    ears.hear_for(10, heard)
    ears.hear(claim(THIRD))
    ears.hear(seconds=GRACE)
    (found,) = ears.found()
    assert (found.kind, found.fault, found.mac) == (LanKind.VIP_ANSWERED, True, THIRD_MAC)
    assert found.sentence.startswith(f"another machine answers for 10.77.0.100: {THIRD_MAC} on eth0")
    ears.wait(15)
    assert ears.found() == ()


def test_an_answer_of_this_host_by_another_of_its_interfaces_is_nothing() -> None:
    ears = Ears(master())
    ears.evidence.own(frozenset({THIRD_MAC}))
    ears.hear_for(10, claim(THIRD), claim(OWN))
    assert ears.found() == ()


def test_the_virtual_mac_of_a_master_is_no_third_machine() -> None:
    ears = Ears(backup())
    ears.hear_for(10, vrrp(), claim(bytes.fromhex("00005e000133")))
    assert ears.found() == ()


def test_of_many_vips_with_two_holders_the_sentence_names_some() -> None:
    vips = tuple(IPv4Interface(f"10.77.1.{number}/32") for number in range(200))
    ears = Ears(master(vips=vips, owned=frozenset(vips)))
    ears.hear_for(6, vrrp(vips=tuple(str(vip.ip) for vip in vips)))
    (found,) = ears.found()
    assert "10.77.1.0, 10.77.1.1, 10.77.1.2, 10.77.1.3 and 196 more are held by two hosts" in found.sentence


def test_another_program_on_this_host_that_advertises() -> None:
    """keepalived beside the sidecar, with a priority of its own."""
    ears = Ears(master())
    ears.hear_for(5, ours(), ours(100))
    (found,) = ears.found()
    assert (found.kind, found.fault) == (LanKind.OTHER_SPEAKER, True)
    assert "another program on this host advertises web, too: adverts from 10.77.0.11 leave" in found.sentence
    assert "VRID 51, priority 100 and 10.77.0.100; stop it" in found.sentence


def test_another_program_advertises_while_the_sidecar_waits() -> None:
    ears = Ears(backup())
    ears.hear_for(5, ours(230))
    assert ears.kinds() == ["other_speaker"]


def test_own_adverts_of_as_many_vips_as_a_packet_has_room_for_are_no_other_program() -> None:
    vips = tuple(IPv4Interface(f"10.77.1.{number}/32") for number in range(200))
    for named, kinds in ((200, []), (137, []), (136, ["other_speaker"])):
        ears = Ears(master(vips=vips, owned=frozenset(vips)))
        ears.hear_for(5, vrrp(A, OWN, 250, vips=tuple(str(vip.ip) for vip in vips[:named]), outgoing=True))
        assert ears.kinds() == kinds


def test_own_adverts_with_a_priority_of_a_moment_ago_are_no_other_program() -> None:
    ears = Ears(master())
    ears.hear_for(5, ours())
    ears.show(replace(ears.router, effective_priority=230))
    for _ in range(8):
        assert ears.found() == ()
        ears.hear(ours(230))
    ears.becomes(backup(since=ears.now), Reason.HEALTH)
    for _ in range(10):
        assert ears.found() == ()
        ears.wait(0.5)


def test_two_programs_on_another_host() -> None:
    ears = Ears(backup())
    ears.hear_for(6, vrrp(), vrrp(priority=100))
    (found,) = ears.found()
    assert (found.kind, found.fault, found.source, found.mac) == (LanKind.TWO_SPEAKERS, False, B, OTHER_MAC)
    assert found.sentence.startswith(f"{B} ({OTHER_MAC}) advertises web twice, with priorities 240 and 100")


def test_a_master_that_changes_its_priority_is_one_program() -> None:
    ears = Ears(backup())
    ears.hear_for(10, vrrp())
    for _ in range(10):
        ears.hear(vrrp(priority=220), seconds=1.0)
        assert ears.found() == ()
