"""Machines that answer for a VIP."""

from dataclasses import replace

import pytest

from sidecar.doctor.evidence import Air, Claim, Heard, Kernel
from sidecar.doctor.mistakes.vip_answered import judge
from tests.unit.doctor.handmade import ETH0, OTHER_MAC, VIP, evidence, heard, node, problems, running, told

THIRD = "02:00:00:00:00:66"
PROBED = frozenset({("eth0", VIP.ip)})


def air(*macs: str, said: tuple[Heard, ...] = (heard(),)) -> Air:
    return Air(4.0, said, tuple(Claim("eth0", VIP.ip, mac) for mac in macs), PROBED)


def test_a_mac_address_that_advertises_nothing_is_named() -> None:
    (found,) = problems(judge(evidence(air=air(OTHER_MAC, THIRD))))
    assert found.what == f"another machine answers for 192.0.2.100: {THIRD}"
    assert f"its master advertises from {OTHER_MAC}" in found.evidence
    (alone,) = problems(judge(evidence(air=air(THIRD, said=()))))
    assert "no advert for it was heard" in alone.evidence


@pytest.mark.parametrize("mac", [OTHER_MAC, "00:00:5e:00:01:33"], ids=["the master", "its virtual MAC"])
def test_the_master_may_answer(mac: str) -> None:
    assert problems(judge(evidence(air=air(mac)))) == []


def test_another_card_of_this_host_is_no_other_machine() -> None:
    """In two cards of one LAN the kernel answers with the MAC addresses of both."""
    eth1 = replace(ETH0, name="eth1", index=3, mac=THIRD)
    kernel = Kernel({"eth0": ETH0}, ("eth0", "eth1"), all_devices=(ETH0, eth1))
    assert problems(judge(evidence(air=air(THIRD, ETH0.mac, said=()), kernel=kernel))) == []


def test_nobody_answers_although_a_master_advertises() -> None:
    (found,) = problems(judge(evidence(air=air())))
    assert found.what == "nobody answers for 192.0.2.100, although a master advertises it"
    assert f"{OTHER_MAC} advertises it on eth0" in found.evidence


@pytest.mark.parametrize(
    "quiet",
    [
        evidence(air=air(said=())),
        evidence(air=air(said=(heard(), heard(priority=0)))),
        evidence(air=air(), running=running(told(state="MASTER"))),
        evidence(air=Air(4.0, (heard(),))),
    ],
    ids=["no master", "it resigned", "the VIP was here", "nobody was asked"],
)
def test_silence_that_proves_nothing(quiet: object) -> None:
    assert problems(judge(quiet)) == []  # type: ignore[arg-type]


def test_another_host_of_the_pair_whose_adverts_do_not_arrive_is_told_as_filtered() -> None:
    both = told() | {"nodes": [node()]}
    assert problems(judge(evidence(air=air(THIRD, said=()), running=running(both)))) == []  # type: ignore[arg-type]
