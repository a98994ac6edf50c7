"""Roles of a host in the election: address owner, equals, one that accepts nothing."""

import time

import pytest

from tests.netns.bounds import BUSY, LAN, LATE, QUICK, skew
from tests.netns.lab import Lab, wait_until
from tests.netns.lan import VIP, address
from tests.netns.sightings import servers
from tests.netns.signing import dropped_by_both, settle
from tests.netns.vrrp_daemon import Setup, router_status
from tests.sample import rest

pytestmark = pytest.mark.netns


def test_the_address_owner_waits_for_nobody_and_its_backup_for_its_silence() -> None:
    with Lab(Setup(interval=2), priorities=(255, 240)) as lab:
        lab.hosts["b"].daemon.start()
        lab.await_server("b", within=10)
        seen = lab.witness.mark
        lab.hosts["a"].daemon.start()
        lab.await_server("a", within=3)
        lab.await_sole("a")
        lab.hosts["a"].daemon.await_said('"to": "MASTER", "reason": "address_owner"')
        adverts = [e for e in lab.witness.since(seen) if e.is_("advert", "a")]
        assert {event.about["priority"] for event in adverts} == {255}
        since, mark = time.monotonic(), lab.client.mark
        lab.hosts["a"].daemon.terminate(5)
        gone = lab.await_removed("a", BUSY, seen)
        served = lab.await_server("b", within=skew(240, 2) + LATE + BUSY, mark=mark)
        assert served.at - gone.at < skew(240, 2) + LATE + BUSY + lab.grace(since)


def test_a_sick_owner_lets_its_backup_serve() -> None:
    with Lab(Setup(interval=QUICK), priorities=(255, 240)) as lab:
        lab.start()
        lab.hosts["a"].nginx.kill()
        lab.await_server("b", within=5, mark=lab.client.mark)
        lab.await_sole("b")
        lab.hosts["a"].nginx.start()
        lab.await_server("a", within=10, mark=lab.client.mark)
        lab.await_sole("a")


def test_equal_priorities_converge_to_the_greater_address_and_stay_there() -> None:
    with Lab(Setup(interval=QUICK), priorities=(240, 240)) as lab:
        for host in lab.hosts.values():
            host.daemon.start()
        wait_until(lambda: len(lab.holders()) == 1, 10, "one serves")
        lab.watch_for(1)
        (first,) = lab.holders()
        seen = lab.witness.mark
        lab.watch_for(2)
        assert not [event for event in lab.witness.since(seen) if event.kind == "removed"]
        with lab.lan.partition():
            wait_until(lambda: sorted(lab.holders()) == ["a", "b"], 5, "both serve")
            lab.watch_for(0.5)
            seen = lab.witness.mark
        healed = time.monotonic()
        gone = lab.await_removed("a", QUICK + LAN + LATE + BUSY, seen)
        assert gone.at - healed < QUICK + LAN + LATE + lab.grace(healed)
        lab.watch_for(2)
        assert lab.holders() == ["b"], f"at first it was {first}"
        lab.hosts["b"].daemon.terminate(5)
        lab.await_sole("a", 5)
        lab.hosts["b"].daemon.start()
        lab.watch_for(3)
        assert lab.holders() == ["a"], "an equal does not preempt"


def test_a_pair_that_accepts_nothing_moves_the_vip_and_answers_arp_alone() -> None:
    with Lab(Setup(interval=QUICK, router={"accept": False})) as lab:
        client = lab.lan.members["client"]
        for host in lab.hosts.values():
            host.daemon.start()
        lab.await_sole("a", 10)
        for leaver, serves in (("", "a"), ("a", "b")):
            if leaver:
                assert lab.hosts[leaver].daemon.terminate(5)[0] == 0
                lab.await_sole(serves, 5)
            seen, mark = lab.witness.mark, lab.client.mark
            lab.await_sighting("answered", serves, 2, seen, address=VIP)
            lab.watch_for(0.5)
            assert {answer.error for answer in lab.client.since(mark)[5:]} == {"TIMEOUT"}
            with pytest.raises(RuntimeError, match="ping"):
                client.run("ping", "-c1", "-W1", VIP)
            assert router_status(lab.hosts[serves].namespace)["state"] == "MASTER"
        assert "vip-sidecar" not in lab.hosts["a"].namespace.run("nft", "list", "tables")
        assert servers(lab.client.since()) == []


@pytest.mark.parametrize("family", [4, rest(6)])
def test_by_unicast_one_file_without_a_source_serves_all_hosts(family: int) -> None:
    """Every host is listed: what a host sends from is its own, and its own address is no peer."""
    hosts = [address(name, family) for name in "ab"]
    setup = Setup(
        interval=QUICK, family=family, checks={}, unicast=True, router={"unicast": {"peers": hosts}}
    )
    with Lab(setup) as lab:
        lab.start()
        settle(lab)
        lab.hosts["a"].daemon.terminate(5)
        lab.await_server("b")
        lab.hosts["a"].daemon.start()
        settle(lab)
        assert dropped_by_both(lab) == [{}, {}]
