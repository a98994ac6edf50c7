"""The network fails: a host vanishes, a cable is pulled, hosts do not hear each other, a card is replaced."""

import time

import pytest

from tests.netns.bounds import BUSY, HANDOVER, KERNEL, LAN, LATE, QUICK, lease, master_down
from tests.netns.lab import Lab
from tests.netns.lan import VIP
from tests.netns.sightings import double_answers, longest_gap
from tests.netns.vrrp_daemon import Setup, router_status

pytestmark = pytest.mark.netns


@pytest.mark.parametrize("interval", [1.0, 0.1])
def test_a_vanished_host_is_replaced_after_the_master_down_interval(interval: float) -> None:
    with Lab(Setup(interval=interval)) as lab:
        lab.start()
        mark, since = lab.client.mark, time.monotonic()
        with lab.lan.cut_off("a"):
            lab.await_server("b", mark=mark)
            allowed = master_down(240, interval) + LATE + lab.grace(since)
            assert longest_gap(lab.client.since(), since) < allowed
            seen = lab.witness.mark
        healed = time.monotonic()
        gone = lab.await_removed("b", interval + LAN + LATE + BUSY, seen)
        assert gone.at - healed < interval + LAN + LATE + lab.grace(healed)
        lab.await_server("a", mark=lab.client.mark)
        lab.await_sole("a")


def test_a_pulled_cable_is_noticed_at_once_and_the_vip_dropped() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        mark, seen, since = lab.client.mark, lab.witness.mark, time.monotonic()
        with lab.lan.unplugged("a"):
            gone = lab.await_removed("a", 2, seen)
            assert gone.at - since < 0.1 + lab.grace(since)
            lab.await_server("b", mark=mark)
            assert router_status(lab.hosts["a"].namespace)["state"] == "FAULT"
        lab.await_server("a", within=5)


def test_a_partition_has_two_masters_by_design_and_heals_to_the_better_one() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        seen = lab.witness.mark
        with lab.lan.partition():
            lab.await_sighting("added", "b", 5, seen, address=VIP)
            lab.watch_for(0.3)
            mark = lab.witness.mark
        healed = time.monotonic()
        assert double_answers(lab.witness.since(seen), VIP)
        gone = lab.await_removed("b", 5, mark)
        assert gone.at - healed < lab.setup.interval + LAN + LATE + lab.grace(healed)
        lab.await_sole("a")
        assert lab.await_sighting("announced", "a", 2, mark), "clients are told who is left"
        lab.await_server("a", mark=lab.client.mark)


def test_after_a_long_cut_clients_are_back_as_soon_as_there_is_one_master_again() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        with lab.lan.cut_off("a"):
            lab.await_server("b")
            lab.watch_for(6)  # the announcements of both have become rare
        mark, since = lab.client.mark, time.monotonic()
        sole = lab.await_sole("a", QUICK + LAN + LATE + BUSY)
        assert sole - since < QUICK + LAN + LATE + lab.grace(since)
        lab.await_server("a", within=2, mark=mark)
        lab.watch_for(0.3)
        assert longest_gap(lab.client.since(max(0, mark - 1000)), since) < HANDOVER + lab.grace(since)


def test_a_deaf_master_stays() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        seen = lab.witness.mark
        with lab.lan.deaf("a", to="b"):
            lab.watch_for(2 * master_down(240, QUICK))
        assert not [event for event in lab.witness.since(seen) if event.kind == "removed"]
        assert lab.holders() == ["a"]


def test_a_deaf_backup_yields_when_it_hears_again() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        seen = lab.witness.mark
        with lab.lan.deaf("b", to="a"):
            lab.await_sighting("added", "b", 5, seen, address=VIP)
            mark = lab.witness.mark
        heard = time.monotonic()
        gone = lab.await_removed("b", lab.setup.interval + LAN + LATE + BUSY, mark)
        assert gone.at - heard < lab.setup.interval + LAN + LATE + lab.grace(heard)
        lab.await_server("a", mark=lab.client.mark)


def test_a_lost_resignation_costs_the_master_down_interval_and_no_more() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        mark, since = lab.client.mark, time.monotonic()
        with lab.lan.deaf("b", to="a", also="@th,16,8 0"):
            lab.hosts["a"].daemon.terminate(5)
            lab.await_server("b", mark=mark)
        allowed = master_down(240, QUICK) + LATE + lab.grace(since)
        assert longest_gap(lab.client.since(), since) < allowed


def test_a_replaced_network_card_is_taken_into_use() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        mark = lab.client.mark
        lab.lan.delete_interface("a")
        lab.await_server("b", mark=mark)
        assert router_status(lab.hosts["a"].namespace)["state"] == "FAULT"
        assert lab.hosts["a"].daemon.running
        lab.lan.recreate_interface("a")
        lab.await_server("a", within=5)
        lab.await_sole("a")


def test_a_host_that_cannot_send_does_not_come_back_with_a_stale_vip() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        seen = lab.witness.mark
        with lab.lan.cut_off("a"):
            lab.hosts["a"].daemon.kill()
            killed = time.monotonic()
            gone = lab.await_removed("a", lease(QUICK) + KERNEL + BUSY, seen)
            assert gone.at - killed < lease(QUICK) + KERNEL + lab.grace(killed)
            lab.await_server("b")
        lab.watch_for(0.3)
        assert lab.holders() == ["b"]
