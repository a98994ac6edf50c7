"""The sidecar of the serving host is stopped, killed, frozen, restarted.

Modules: cli.run, router.shell, router.start, wall_clock.
"""

import time

import pytest

from tests.netns.bounds import BUSY, EXIT, KERNEL, LAN, LATE, QUICK, WAKES, lease, master_down, skew
from tests.netns.lab import Lab, wait_until
from tests.netns.lan import VIP
from tests.netns.sightings import longest_gap, servers
from tests.netns.vrrp_daemon import Setup, router_status

pytestmark = pytest.mark.netns


def test_sigterm_drops_the_vip_then_resigns_and_exits_0() -> None:
    with Lab() as lab:
        lab.start()
        mark, seen, since = lab.client.mark, lab.witness.mark, time.monotonic()
        code, took = lab.hosts["a"].daemon.terminate(5)
        assert VIP not in lab.hosts["a"].namespace.ip("addr show")
        assert (code, took < EXIT + lab.grace(since) - BUSY) == (0, True), took
        resigned = lab.await_sighting("advert", "a", 1, seen, priority=0)
        assert lab.await_removed("a", 1, seen).at <= resigned.at
        lab.await_server("b", mark=mark)
        assert longest_gap(lab.client.since(), since) < skew(240, 1) + LATE + lab.grace(since)
        assert lab.overlap() == 0
        assert not [
            event for event in lab.witness.since(seen) if event.at > resigned.at and event.is_("advert", "a")
        ]


def test_sigterm_of_the_backup_disturbs_nobody() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start()
        seen = lab.witness.mark
        code, _ = lab.hosts["b"].daemon.terminate(5)
        assert code == 0
        lab.watch_for(0.5)
        assert not [event for event in lab.witness.since(seen) if event.is_("advert", "b")]
        assert lab.holders() == ["a"]


@pytest.mark.parametrize("interval", [1.0, 0.1])
def test_sigkill_the_kernel_alone_removes_the_vip(interval: float) -> None:
    with Lab(Setup(interval=interval)) as lab:
        lab.start()
        mark, seen, since = lab.client.mark, lab.witness.mark, time.monotonic()
        lab.hosts["a"].daemon.kill()
        gone = lab.await_removed("a", lease(interval) + KERNEL + BUSY, seen)
        late = WAKES * lab.late(since)
        assert gone.at - since <= lease(interval) + KERNEL + late
        lab.await_server("b", mark=mark)
        assert longest_gap(lab.client.since(), since) < master_down(240, interval) + LATE + lab.grace(since)
        bound = lease(interval) + KERNEL + late
        assert lab.overlap() <= (0 if bound < master_down(240, interval) else bound)


def test_sigstop_the_kernel_removes_the_vip_and_the_resumed_sidecar_is_silent_before_it_follows() -> None:
    with Lab() as lab:
        lab.start()
        daemon = lab.hosts["a"].daemon
        mark, seen, since = lab.client.mark, lab.witness.mark, time.monotonic()
        daemon.hang()
        gone = lab.await_removed("a", 5, seen)
        assert gone.at - since <= lease(1) + KERNEL + WAKES * lab.late(since)
        lab.await_server("b", mark=mark)
        lab.await_sighting("advert", "b", 3, seen)
        resumed, woken = time.monotonic(), lab.witness.mark
        daemon.resume()
        lab.await_server("a", within=master_down(250, 1) + 5, mark=lab.client.mark)
        back = lab.await_sighting("advert", "a", 1, woken)
        assert back.at - resumed > 3 - LATE, "it followed for a whole master-down interval first"
        claims = ("added", "announced")
        early = [
            e for e in lab.witness.since(woken) if e.host == "a" and e.kind in claims and e.at < back.at - LAN
        ]
        assert not early
        assert lab.overlap() < lab.handover(since)


def test_short_freezes_at_any_phase_move_nothing() -> None:
    with Lab() as lab:
        lab.start()
        seen = lab.witness.mark
        for phase in range(4):
            lab.watch_for(phase * 0.1)
            lab.hosts["a"].daemon.hang()
            lab.watch_for(0.4)
            lab.hosts["a"].daemon.resume()
        lab.watch_for(0.5)
        assert not [event for event in lab.witness.since(seen) if event.kind == "removed"]
        assert lab.holders() == ["a"]


def test_leftovers_that_cannot_be_adopted_are_removed_at_start() -> None:
    with Lab(Setup(interval=3)) as lab:
        lab.start(["a"])
        mark = lab.witness.mark
        renewed = lab.await_sighting("added", "a", 4, mark, address=VIP)
        lab.hosts["a"].daemon.kill()
        lab.forget_the_holder("a", 5)
        lab.hosts["a"].daemon.start()
        gone = lab.await_removed("a", lease(3) + KERNEL, mark)
        assert gone.at - renewed.at < lease(3) - 1, (
            "by the new life, long before the kernel would have done it"
        )


def test_failback_is_hardly_seen() -> None:
    with Lab() as lab:
        lab.start()
        lab.hosts["a"].daemon.terminate(5)
        lab.await_server("b")
        mark, since = lab.client.mark, time.monotonic()
        lab.hosts["a"].daemon.start()
        lab.await_server("a", within=10, mark=mark)
        alone = lab.await_sole("a")
        lab.watch_for(0.3)
        # As long as both have the VIP either may answer.
        assert servers([each for each in lab.client.since(mark) if each.started > alone]) == ["a"]
        assert longest_gap(lab.client.since(mark), since) < 0.02 + lab.grace(since)
        assert lab.overlap(since) < lab.handover(since)


def test_the_preferred_host_takes_over_only_after_its_checks_have_passed() -> None:
    with Lab(Setup(interval=QUICK)) as lab:
        lab.start(["b"])
        a = lab.hosts["a"]
        a.nginx.kill()
        seen = lab.witness.mark
        a.daemon.start()
        lab.await_listening("a")
        lab.watch_for(2)
        assert not [event for event in lab.witness.since(seen) if event.is_("added", "a", address=VIP)]
        wait_until(lambda: router_status(a.namespace)["state"] == "BACKUP", 5, "a is BACKUP")
        a.nginx.start()
        lab.await_server("a", within=5)


def test_cold_start_together_ends_with_the_best_host_and_no_second_one() -> None:
    with Lab(Setup(interval=QUICK), hosts=3) as lab:
        lab.start(together=True)
        lab.watch_for(0.5)
        assert lab.holders() == ["a"]
        assert lab.overlap(since=0) < lab.handover(since=0)


def test_of_three_hosts_the_best_that_is_left_ends_up_serving() -> None:
    """The skews of b and c are 4 ms apart: who comes first may vary on a busy machine, who stays may not."""
    with Lab(Setup(interval=QUICK), hosts=3) as lab:
        lab.start()
        patience = master_down(240, QUICK) + BUSY
        lab.hosts["a"].daemon.terminate(5)
        lab.await_sole("b", patience)
        lab.await_server("b")
        lab.hosts["b"].daemon.terminate(5)
        lab.await_sole("c", patience)
        lab.await_server("c")
        for better in "ba":
            lab.hosts[better].daemon.start()
            lab.await_server(better)
            lab.await_sole(better)
        assert lab.overlap() < 3 * lab.handover(since=0)
