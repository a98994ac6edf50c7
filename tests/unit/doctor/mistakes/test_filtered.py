"""VRRP that does not arrive."""

from dataclasses import replace
from ipaddress import ip_interface
from typing import Any

import pytest

from sidecar.doctor.evidence import Chain, Device, Firewall, Kernel
from sidecar.doctor.mistakes.filtered import judge
from sidecar.doctor.problem import Severity, Unseen
from tests.unit.doctor.handmade import ETH0, evidence, heard, node, problems, router, running, told, unseen

INPUT = Chain("inet", "filter", "input", "input", "filter")


def test_adverts_that_came_to_the_card_and_not_through_the_firewall() -> None:
    wall = Firewall((("inet", "filter"),), (INPUT,))
    (found,) = problems(judge(evidence(heard(passed=0), firewall=wall)))
    assert (found.router, found.severity) == ("web", Severity.FAULT)
    assert "4 adverts of 192.0.2.11 (02:00:00:00:00:11) came to eth0 in 4 s" in found.evidence
    assert found.mend == "nft insert rule inet filter input meta l4proto 112 accept"


def test_adverts_that_the_kernel_itself_drops() -> None:
    """Without IPv6 no packet filter is to blame, nor where no route leads back to the sender."""
    six = router(addresses=(ip_interface("2001:db8::100/128"),))
    said = heard(source="fe80::11", addresses=["2001:db8::100"], passed=0)
    assert problems(judge(evidence(said, router=six)))
    for where in ("all", "eth0"):
        off = {f"net.ipv6.conf.{where}.disable_ipv6": 1}
        assert problems(judge(evidence(said, router=six, settings=off))) == []
    strict = {"net.ipv4.conf.all.rp_filter": 2}
    far = heard(source="198.51.100.11", passed=0)
    (found,) = problems(judge(evidence(far, settings=strict)))
    assert found.mend.startswith(
        "give eth0 the prefix length of the LAN: 198.51.100.11 is in no network of it"
    )
    assert "rp_filter is 2" in found.mend
    for each in (evidence(far), evidence(heard(passed=0), settings=strict)):
        (plain,) = problems(judge(each))
        assert plain.mend.startswith("iptables -I INPUT")


def test_adverts_that_the_kernel_drops_because_the_way_back_is_by_another_card() -> None:
    """tcpdump shows them, and no rule of a firewall is to blame: two cards in one network."""
    card = Device("eth1", 3, "02:00:00:00:01:12", own=(ip_interface("192.0.2.13/24"),))
    said, strict = heard(passed=0), {"net.ipv4.conf.all.rp_filter": 1}
    two = Kernel({"eth0": ETH0}, ("lo", "eth0", "eth1"), all_devices=(ETH0, card))
    (found,) = problems(judge(evidence(said, kernel=two, settings=strict)))
    assert found.mend.startswith("sysctl -w net.ipv4.conf.eth0.rp_filter=2   # it is 1, and eth1 is in the ")
    assert "; else iptables -I INPUT" in found.mend
    down = replace(two, all_devices=(ETH0, replace(card, up=False)))
    far = replace(two, all_devices=(ETH0, replace(card, own=(ip_interface("198.51.100.13/24"),))))
    loose = {"net.ipv4.conf.all.rp_filter": 1, "net.ipv4.conf.eth0.rp_filter": 2}
    for kernel, settings in ((down, strict), (far, strict), (two, loose), (two, {})):
        (plain,) = problems(judge(evidence(said, kernel=kernel, settings=settings)))
        assert plain.mend.startswith("iptables -I INPUT")


@pytest.mark.parametrize(
    "said",
    [
        heard(),
        heard(passed=1),
        heard(count=1, passed=0),
        heard(vrid=52, passed=0),
        heard(to="192.0.2.12", passed=0),
    ],
    ids=["all passed", "some passed", "one is no proof", "another VRID", "unicast that nobody listens to"],
)
def test_what_is_no_proof_of_a_filter(said: object) -> None:
    assert problems(judge(evidence(said))) == []  # type: ignore[arg-type]


def test_another_host_that_serves_and_is_not_heard() -> None:
    both = told() | {"nodes": [node()]}
    silent = heard(vrid=9)
    (found,) = problems(judge(evidence(silent, running=running(both))))  # type: ignore[arg-type]
    assert found.what == "no advert of a arrives at this host"
    assert "http://192.0.2.11:9650 says that it is MASTER" in found.evidence
    assert problems(judge(evidence(heard(), running=running(both)))) == []  # type: ignore[arg-type]


def test_a_host_that_has_just_become_master_or_cannot_be_read_proves_nothing() -> None:
    silent = heard(vrid=9)
    new = running(told() | {"nodes": []}, told() | {"nodes": [node()]})  # type: ignore[arg-type]
    assert problems(judge(evidence(silent, running=new))) == []
    mute = told() | {"nodes": [node() | {"fault": "no answer within 2 s"}]}
    assert problems(judge(evidence(silent, running=running(mute)))) == []  # type: ignore[arg-type]
    slow = router(interval_cs=1000)
    both = told() | {"nodes": [node()]}
    assert problems(judge(evidence(silent, router=slow, running=running(both)))) == []  # type: ignore[arg-type]


TWO = {
    "kind": "two_holders",
    "router": "web",
    "fault": True,
    "sentence": "192.0.2.100 is held by this host and 192.0.2.11; it does not hear this host: see why",
    "source": "192.0.2.11",
    "mac": "02:00:00:00:00:11",
}


def test_a_host_that_serves_beside_this_one_and_does_not_hear_it() -> None:
    """`status` says FAULT then, and the packet filter of this host is innocent."""
    both: Any = told(state="MASTER") | {"lan_findings": [TWO]}
    (found,) = problems(judge(evidence(heard(priority=100), running=running(both))))
    assert (found.what, found.mend) == (
        "192.0.2.100 is held by this host and 192.0.2.11",
        "it does not hear this host: see why",
    )


REFUSED = {
    "source": "192.0.2.11",
    "refused": True,
    "reason": "version",
    "detail": "",
    "remedy": "",
    "mac": None,
}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"state": "MASTER"}, {"state": "BACKUP"}),
        ({"state": "MASTER", "mismatches": [REFUSED]}, {"state": "MASTER", "mismatches": [REFUSED]}),
    ],
    ids=["it has yielded", "it is refused, which is told as that"],
)
def test_two_holders_that_are_not_told_here(before: dict[str, Any], after: dict[str, Any]) -> None:
    found: Any = {"lan_findings": [TWO]}
    seen = running(told(**before) | found, told(**after) | found)
    assert problems(judge(evidence(heard(priority=100), running=seen))) == []


def test_adverts_of_this_host_that_do_not_leave_it() -> None:
    mute = running(told(state="MASTER", cannot_send="the firewall drops its adverts"))
    (found,) = problems(judge(evidence(running=mute)))
    assert found.evidence == "the firewall drops its adverts"
    assert found.mend.startswith("iptables -I OUTPUT -p 112 -j ACCEPT")


def test_without_a_packet_socket_nothing_is_said() -> None:
    found = list(judge(evidence(air=Unseen("packets cannot be seen from here"))))
    assert unseen(found) == ["packets cannot be seen from here"]
    assert problems(found) == []
