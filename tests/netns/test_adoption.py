"""A sidecar that is killed and started again within its lease goes on as MASTER, and nobody notices."""

import os
import signal
import time
from collections.abc import Sequence

import pytest
import yaml

from tests.netns.bounds import KERNEL, WAKES, lease
from tests.netns.counters import counters, risen
from tests.netns.lab import PATIENT, Lab, wait_until
from tests.netns.reloading import Reloading
from tests.netns.sightings import Answer, servers
from tests.netns.vrrp_daemon import Setup, router_status
from tests.sample import REST

pytestmark = pytest.mark.netns

INTERVAL = 3.0
"""A lease of 8 s outlasts the start of a process on a busy machine. test_unnoticed.py has A = 1 s."""


def restart(lab: Lab, name: str, after: float) -> None:
    """SIGKILL to the router alone, as the kernel does it without memory; what is below it dies with it."""
    daemon = lab.hosts[name].daemon
    os.kill(daemon.pid, signal.SIGKILL)
    daemon.wait(5)
    lab.watch_for(after)
    daemon.start()


def none_failed(lab: Lab, answers: Sequence[Answer], since: float) -> bool:
    """Whether every request was answered, unless the machine itself was later than the client is patient."""
    return all(each.who for each in answers) or WAKES * lab.late(since) > PATIENT


@pytest.mark.parametrize(
    "setup",
    [
        pytest.param(Setup(interval=INTERVAL), id="IPv4", marks=REST),
        pytest.param(Setup(interval=INTERVAL, family=6), id="IPv6", marks=REST),
        pytest.param(Setup(interval=INTERVAL, router={"virtual_mac": True}), id="virtual MAC"),
    ],
)
def test_a_restart_within_the_lease_is_noticed_by_nobody(setup: Setup) -> None:
    with Lab(setup, patience=PATIENT) as lab:
        lab.start()
        lab.settle()
        for after in (0.1, 0.3):
            mark, seen, since = lab.client.mark, lab.witness.mark, time.monotonic()
            restart(lab, "a", after)
            lab.await_listening("a")
            lab.watch_for(2 * INTERVAL)
            answers = lab.client.since(mark)
            assert none_failed(lab, answers, since), "requests have failed"
            assert servers(answers) == ["a"]
            moved = [e for e in lab.witness.since(seen) if e.is_("removed", address=setup.vip)]
            moved += [e for e in lab.witness.since(seen) if e.is_("added", "b", address=setup.vip)]
            assert moved == []
            assert not [e for e in lab.witness.since(seen) if e.is_("advert", priority=0)]
            assert lab.overlap(since) == 0
            told = router_status(lab.hosts["a"].namespace)
            assert (told["state"], told["adopted"]) == ("MASTER", True)
            counted = counters(lab.hosts["a"].namespace)
            assert risen({}, counted, "vipsidecar_vrrp_adoptions_total", result="adopted") == 1
            assert risen({}, counted, "vipsidecar_vrrp_transitions_total") == 0
        counted = counters(lab.hosts["b"].namespace)
        assert risen({}, counted, "vipsidecar_vrrp_transitions_total", to_state="MASTER") == 0


def test_below_0_6_s_a_restart_is_as_before() -> None:
    with Lab(Setup(interval=0.3)) as lab:
        lab.start()
        lab.settle()
        restart(lab, "a", 0.0)
        lab.await_listening("a")
        lab.await_server("a", within=15, mark=lab.client.mark)
        lab.await_sole("a")
        assert not router_status(lab.hosts["a"].namespace)["adopted"]
        assert '"event": "adopted"' not in lab.hosts["a"].daemon.log.read_text()


def test_with_one_address_more_nothing_is_adopted_and_the_peer_is_told() -> None:
    with Lab(Setup(interval=INTERVAL)) as lab:
        lab.start()
        lab.settle()
        file = lab.hosts["a"].daemon.log.parent / "sidecar.yaml"
        config = yaml.safe_load(file.read_text())
        config["virtual_routers"]["web"]["addresses"].append("10.77.0.101/32")
        file.write_text(yaml.safe_dump(config))
        seen = lab.witness.mark
        restart(lab, "a", 0.0)
        lab.await_removed("a", lease(INTERVAL), seen)
        lab.await_sighting("advert", "a", 5, seen, priority=0)
        why = "another VRID, interface, interval, MAC address or set of addresses"
        log = lab.hosts["a"].daemon.log
        wait_until(lambda: "not_adopted" in log.read_text() and why in log.read_text(), 5, "the log says why")
        lab.await_sole("a", within=30)
        assert not router_status(lab.hosts["a"].namespace)["adopted"]


MORE = "10.77.0.101/32"


def test_what_a_reload_has_changed_is_adopted_after_a_kill() -> None:
    with Lab(Setup(interval=INTERVAL), patience=PATIENT) as lab:
        lab.start()
        lab.settle()
        a, mark, seen = Reloading(lab.hosts["a"]), lab.client.mark, lab.witness.mark
        since = time.monotonic()
        a.router["addresses"].append(MORE)
        a.router.update(advert_interval="4s", priority=245)
        a.apply()
        wait_until(lambda: MORE in addresses(lab), 5, "the new VIP")
        restart(lab, "a", 0.1)
        lab.await_listening("a")
        lab.watch_for(INTERVAL)
        answers = lab.client.since(mark)
        assert none_failed(lab, answers, since), "requests have failed"
        assert servers(answers) == ["a"]
        assert not [e for e in lab.witness.since(seen) if e.is_("removed", address=lab.setup.vip)]
        assert not [e for e in lab.witness.since(seen) if e.is_("advert", priority=0)]
        told = router_status(lab.hosts["a"].namespace)
        assert (told["state"], told["adopted"]) == ("MASTER", True)
        assert [vip["owned"] for vip in told["addresses"]] == [True, True]


def test_killed_at_any_moment_of_a_reload_the_next_process_has_what_the_file_says() -> None:
    with Lab(Setup()) as lab:
        lab.start()
        lab.settle()
        a, since = Reloading(lab.hosts["a"]), time.monotonic()
        for moment in (0.0, 0.1, 0.3, 0.6, None):
            if not any(each == MORE for each in a.router["addresses"]):
                a.router["addresses"].append(MORE)
            else:
                a.router["addresses"].remove(MORE)
            a.write()
            if moment is None:
                a.hang_up()
            else:
                lab.hosts["a"].daemon.send(signal.SIGHUP)
                lab.watch_for(moment)
            restart(lab, "a", 0.0)
            lab.await_listening("a")
            lab.await_sole("a", within=20)
            has = MORE in a.router["addresses"]
            wait_until(lambda has=has: (MORE in addresses(lab)) is has, 5, f"{MORE} as the file says")  # type: ignore[misc]
        assert lab.overlap(since) < lease(1.0) + KERNEL + WAKES * lab.late(since)


def addresses(lab: Lab) -> str:
    return lab.hosts["a"].namespace.run("ip", "-4", "-o", "addr", "show", "dev", "eth0")
