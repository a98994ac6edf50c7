"""One verdict for each virtual router, the worst first; a host that cannot be read is never OK.

Modules: cli.fleet.word.
"""

from dataclasses import replace
from typing import Any

import pytest

from sidecar.cli.fleet.poll import Answer
from sidecar.cli.fleet.verdicts import Judged, code, judge
from sidecar.cli.fleet.word import Word
from tests.unit.cli.fleet.fleets import NOW, master, standby, target, unreadable
from tests.unit.telemetry.node_documents import document, told

UNFIT = {"priority": {"configured": 240, "effective": 1}}
DRAINED: dict[str, Any] = {"drain": {"since": NOW, "until": NOW + 60, "why": "drained by uid 0 until 02:13"}}
TWO = [{"address": f"10.77.0.10{last}/32", "desired": True, "owned": True} for last in range(2)]


def only(*answers: Answer) -> Judged:
    (judged,) = judge(answers, NOW)
    return judged


@pytest.mark.parametrize(
    ("answers", "word", "sentence", "exit_code"),
    [
        ([master("a"), standby("b")], Word.OK, "a serves", 0),
        ([master("a", router={"since": NOW - 60}), standby("b")], Word.MOVED, "a serves for 60 s: ", 0),
        (
            [master("a"), standby("b", config_hash="0000")],
            Word.DRIFT,
            "a serves; the hosts are configured differently: a 9f3a, b 0000",
            1,
        ),
        (
            [master("a"), standby("b", router=UNFIT)],
            Word.NO_STANDBY,
            "a serves; b is unfit (priority 1, not 240)",
            1,
        ),
        (
            [master("a"), standby("b", router={"state": "FAULT", "reason": "no interface"})],
            Word.NO_STANDBY,
            "a serves; b is FAULT: no interface",
            1,
        ),
        ([master("a"), standby("b", stopping=True)], Word.NO_STANDBY, "a serves; b is stopping", 1),
        ([master("a"), standby("b", loop={"alive": False})], Word.NO_STANDBY, "a serves; b is stuck", 1),
        ([master("a")], Word.NO_STANDBY, "a serves; no other host is listed", 1),
        ([master("a"), standby("b", **DRAINED)], Word.DRAINED, "a serves; b is drained by uid 0 until ", 1),
        (
            [master("a"), standby("b", **DRAINED), standby("c")],
            Word.DRAINED,
            "a serves; b is drained by uid 0 until ",
            1,
        ),
        (
            [master("a"), standby("b", router=UNFIT), standby("c", **DRAINED)],
            Word.NO_STANDBY,
            "a serves; b is unfit (priority 1, not 240); c is drained by uid 0 until ",
            1,
        ),
        (
            [master("a", router=UNFIT, **DRAINED), standby("b", router=UNFIT)],
            Word.DEGRADED,
            "a serves although it is drained by uid 0 until 02:13; b is unfit (priority 1, not 240)",
            1,
        ),
        (
            [master("a"), standby("b", drain={"since": None, "until": None, "why": ""})],
            Word.DRAINED,
            "a serves; b is drained",
            1,
        ),
        (
            [master("a", router=UNFIT), standby("b", router=UNFIT)],
            Word.DEGRADED,
            "a serves although its checks fail (priority 1)",
            1,
        ),
        (
            [master("a", router={"addresses": [TWO[0], TWO[1] | {"owned": False}]}), standby("b")],
            Word.DEGRADED,
            "a serves without 10.77.0.101",
            1,
        ),
        (
            [master("a"), unreadable("b")],
            Word.UNREADABLE,
            "a serves; b:9650 is unreadable: no answer within 2 s",
            3,
        ),
        ([unreadable("a"), standby("b")], Word.UNREADABLE, "nobody else serves; a:9650 is unreadable: ", 3),
        (
            [standby("a"), standby("b", router=UNFIT)],
            Word.NO_MASTER,
            "a is BACKUP: 10.77.0.11 advertised priority 250, ours was 240; b is unfit (priority 1, not 240)",
            2,
        ),
        (
            [master("a", loop={"alive": False}), standby("b", router=UNFIT)],
            Word.NO_MASTER,
            "a is stuck; b is unfit (priority 1, not 240)",
            2,
        ),
        (
            [master("a"), master("b"), unreadable("c")],
            Word.TWO_MASTERS,
            "a and b have 10.77.0.100; vip-sidecar status on both",
            2,
        ),
    ],
)
def test_what_the_hosts_of_a_router_tell_makes_one_verdict(
    answers: list[Answer], word: Word, sentence: str, exit_code: int
) -> None:
    for order in (answers, answers[::-1]):
        assert only(*order).word is word
    judged = only(*answers)
    assert judged.sentence.startswith(sentence)
    assert code([judged]) == exit_code


def test_the_worst_is_first_and_decides_the_exit_code() -> None:
    answers = [
        *(master("a"), standby("b")),
        *(master("c", "fra1"), standby("d", "fra1", router=UNFIT)),
        *(master("e", "lon1"), master("f", "lon1")),
        unreadable("g", "mad1"),
    ]
    judged = judge(answers, NOW)
    assert [(each.cluster, each.word) for each in judged] == [
        ("lon1", Word.TWO_MASTERS),
        ("mad1", Word.UNREADABLE),
        ("fra1", Word.NO_STANDBY),
        ("ams1", Word.OK),
    ]
    assert code(judged) == 2
    assert code(judged[1:]) == 3


def test_the_same_vrid_in_two_clusters_or_families_is_two_routers() -> None:
    six: dict[str, Any] = {"addresses": [{"address": "2001:db8::100/128", "desired": True, "owned": True}]}
    answers = [master("a"), standby("b"), master("c", "fra1"), standby("d", "fra1")]
    assert len(judge(answers, NOW)) == 2
    assert len(judge([master("a"), master("b", router=six)], NOW)) == 2


def test_a_vrid_on_two_interfaces_of_a_host_is_two_routers() -> None:
    inside = document(router={"name": "inside"}, owned=True)["virtual_routers"][0]
    vip = {"address": "192.0.2.100/32", "desired": False, "owned": False}
    outside = inside | {"name": "outside", "state": "FAULT", "reason": "eth1 is down", "addresses": [vip]}
    waits = inside | {"state": "BACKUP", "addresses": [inside["addresses"][0] | {"owned": False}]}
    answers = (
        master("a", virtual_routers=[inside | {"state": "MASTER"}, outside]),
        standby("b", virtual_routers=[outside, waits]),
    )
    assert [(each.name, each.word, each.hosts) for each in judge(answers, NOW)] == [
        ("outside", Word.NO_MASTER, ("a", "b")),
        ("inside", Word.OK, ("a", "b")),
    ]
    (alone, _) = judge(answers[:1], NOW)
    assert alone.key in {each.key for each in judge(answers, NOW)}


ELSEWHERE = {"addresses": [TWO[0], TWO[1] | {"owned": False}]}


@pytest.mark.parametrize(
    ("cluster", "other", "said"),
    [
        ("ams1", {"vrid": 52}, "a and b have 10.77.0.100; give all the same VRID (a has 51, b has 52)"),
        ("", ELSEWHERE, "a and b have 10.77.0.100; vip-sidecar status on both"),
    ],
)
def test_a_vip_that_two_hosts_have_is_no_two_vips_whatever_they_call_its_router(
    cluster: str, other: dict[str, Any], said: str
) -> None:
    """Hosts with different VRIDs do not hear each other."""
    judged = judge([master("a", cluster), master("b", cluster, router=other)], NOW)
    assert {each.word for each in judged} == {Word.TWO_MASTERS}
    assert said in {each.sentence for each in judged}
    # Each is asked again before it counts.
    assert [sorted(each.hosts) for each in judged] == [["a", "b"], ["a", "b"]]


@pytest.mark.parametrize(
    "answers",
    [
        [master("a"), master("b", "fra1", router={"vrid": 52})],
        [master("a", ""), master("b", "", router={"vrid": 52})],
        [master("a"), standby("b", router={"vrid": 52})],
        [master("a"), master("b", router={"vrid": 52}, loop={"alive": False})],
        [master("a", router=ELSEWHERE), master("b", router={"vrid": 52, "addresses": [TWO[1]]})],
        [
            master(host, router={"vrid": vrid, "addresses": [TWO[0] | {"address": "fe80::1/128"}]})
            for host, vrid in (("a", 51), ("b", 52))
        ],
    ],
    ids=["other cluster", "other network", "not there", "stuck", "other VIP", "link-local"],
)
def test_one_address_that_is_two_vips_or_on_one_host_makes_no_two_masters(answers: list[Answer]) -> None:
    assert Word.TWO_MASTERS not in {each.word for each in judge(answers, NOW)}


def test_hosts_that_call_themselves_alike_are_told_apart() -> None:
    """Machines that were cloned have one host name."""
    one, other = master("a"), replace(master("a"), target=target("b"))
    assert only(one, other).sentence.startswith("a (a:9650) and a (b:9650) have 10.77.0.100; ")
    nameless = replace(master("a"), told=told(node="", router={"state": "MASTER"}, owned=True))
    assert only(nameless).hosts == ("a:9650",)


def test_without_a_cluster_hosts_with_the_same_vips_belong_together() -> None:
    other = {"addresses": [{"address": "10.77.0.200/32", "desired": True, "owned": True}]}
    judged = judge(
        [master("a", ""), standby("b", ""), master("c", "", router=other), unreadable("d", "")], NOW
    )
    assert [(each.word, each.hosts) for each in judged] == [
        (Word.UNREADABLE, ("d:9650",)),
        (Word.NO_STANDBY, ("c",)),
        (Word.OK, ("a", "b")),
    ]


def test_a_moment_that_lies_in_the_future_is_no_move() -> None:
    for since in (NOW + 3600, 1e10):
        assert only(master("a", router={"since": since}), standby("b")).word is Word.OK
