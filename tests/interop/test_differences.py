"""Where peers differ from us or from each other: what really happens, and that we say it."""

import time
from dataclasses import replace
from http import HTTPStatus

import pytest
from _pytest.mark.structures import ParameterSet

from tests.interop.matrix import (
    BACKUP,
    FRR,
    KEEPALIVED_2_2_7,
    KEEPALIVED_2_3_3,
    PEERS,
    PREFERRED,
    ROLES,
    Case,
)
from tests.interop.pair import Pair
from tests.interop.promise import heal
from tests.interop.testimony import examine
from tests.netns.bounds import BUSY, HANDOVER, WAKES, master_down
from tests.netns.lab import wait_until
from tests.netns.sightings import longest_gap
from tests.netns.vrrp_daemon import Setup, metrics, status
from tests.sample import sample

pytestmark = pytest.mark.interop

TOGETHER = ["a", "b"]
BURST = 4.5
"""Seconds after which a new master's announcements have become rare."""
LOOK_BACK = 1000
REFUSES_OTHER_ADDRESSES = KEEPALIVED_2_2_7


def in_turn(first: int) -> list[ParameterSet]:
    """Rows of each peer and role. In the sample each peer has one, and the roles take turns."""
    return [
        row
        for n, peer in enumerate(PEERS, first)
        for row in sample((pytest.param(peer, role, id=f"{peer}-{role}") for role in ROLES), 2, n % 2)
    ]


def count(pair: Pair, metric: str) -> float:
    """The sum of a metric of the sidecar over all labels that are not given."""
    body = metrics(pair.hosts[pair.ours].namespace)
    found = [float(line.rpartition(" ")[2]) for line in body.splitlines() if line.startswith(metric)]
    assert found, f"no {metric}"
    return sum(found)


def listening(pair: Pair) -> bool:
    try:
        return status(pair.hosts[pair.ours].namespace)[0] == HTTPStatus.OK
    except OSError:
        return False


def begin(pair: Pair) -> None:
    """Start both; do not expect that they agree. The peer first, so that one of them hears the other."""
    pair.hosts[pair.theirs].daemon.start()
    pair.await_server(pair.theirs)
    pair.hosts[pair.ours].daemon.start()
    wait_until(lambda: listening(pair), 10, "the sidecar runs")
    pair.watch_for(2 * master_down(240, pair.setup.interval) + BUSY)


def two_hosts(setup: Setup) -> Setup:
    return replace(setup, router={"hosts": 2})


@pytest.mark.parametrize("peer", PEERS)
def test_with_two_hosts_a_peer_that_resigns_before_it_lets_go_is_overlapped_for_a_moment(peer: str) -> None:
    """`hosts: 2` is for sidecars. docs/interop-proof.md publishes its cost beside other daemons."""
    with Pair(Case(peer), BACKUP, two_hosts) as pair:
        pair.start()
        since = time.monotonic()
        outcome = pair.stop()
        assert outcome.both < pair.handover(since), outcome
        assert outcome.gap < HANDOVER + pair.grace(since), outcome


def other_addresses(setup: Setup) -> Setup:
    return replace(setup, more={"a": ["10.77.0.101"]})


@pytest.mark.parametrize(("peer", "role"), in_turn(first=0))
def test_another_address_list_makes_two_masters_only_of_who_refuses_it(peer: str, role: str) -> None:
    """keepalived refuses the list up to 2.3.2 and so never follows us. We accept it, count it and log it."""
    with Pair(Case(peer), role, other_addresses) as pair:
        begin(pair)
        refused = peer == REFUSES_OTHER_ADDRESSES and role == PREFERRED
        if refused:
            wait_until(lambda: count(pair, SECOND_MASTER) > 0, 5, "an alarm")
        assert sorted(pair.holders()) == (TOGETHER if refused else ["a"])
        assert count(pair, 'vipsidecar_errors_total{component="vrrp",reason="addresses"}') > 0
        second = "also serves, with priority 240"
        words = ["a takeover changes what is served", *([second] if refused else [])]
        log = pair.hosts[pair.ours].daemon.await_said(*words)
        assert (second in log) is refused


SECOND_MASTER = 'vipsidecar_errors_total{component="election",reason="second_master"}'
UNICAST6 = {"source": "fd77::12", "peers": ["fd77::11"]}


@pytest.mark.parametrize("peer", [KEEPALIVED_2_2_7, KEEPALIVED_2_3_3])
def test_ipv6_unicast_of_keepalived_needs_unicast_ttl_or_our_min_ttl(peer: str) -> None:
    """It sends it with a hop limit of 64 unless told otherwise, and a hop limit below 255 is refused here."""
    case = Case(peer, family=6, unicast=True)
    with Pair(case, BACKUP, lambda setup: replace(setup, ttl=64, router={"unicast": UNICAST6})) as pair:
        begin(pair)
        assert sorted(pair.holders()) == TOGETHER
        assert count(pair, 'vipsidecar_vrrp_adverts_dropped_total{reason="ttl"') > 0
    with Pair(case, BACKUP, lambda setup: replace(setup, ttl=64)) as pair:
        begin(pair)
        assert pair.holders() == ["a"]


def test_a_password_is_cut_to_eight_characters_as_keepalived_does_it() -> None:
    case = Case(KEEPALIVED_2_2_7, version=2)
    with Pair(case, PREFERRED, lambda setup: replace(setup, password="longer-than-eight")) as pair:  # noqa: S106
        pair.start()
        pair.stop()
        since = time.monotonic()
        assert pair.start_again().both < pair.grace(since), "each has heard the other"
        assert not examine(pair)


@pytest.mark.parametrize(("peer", "role"), in_turn(first=1))
def test_of_two_masters_after_a_partition_the_better_one_stays_and_clients_follow(
    peer: str, role: str
) -> None:
    """FRR says no last word and answers none: there clients stay with the loser until they ask again."""
    with Pair(Case(peer), role, lambda setup: replace(setup, last_word=True)) as pair:
        pair.start()
        with pair.lan.cut_off("a"):
            pair.await_server("b")
            pair.watch_for(BURST)
        mark, since = pair.client.mark, time.monotonic()
        sole = pair.await_sole("a", heal(pair.setup.interval))
        assert sole - since < heal(pair.setup.interval) + WAKES * pair.late(since)
        if peer == FRR:
            return
        pair.await_server("a", within=2, mark=mark)
        pair.watch_for(0.3)
        answers = pair.client.since(max(0, mark - LOOK_BACK))
        assert longest_gap(answers, since) < HANDOVER + pair.grace(since)
