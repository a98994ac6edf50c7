"""Authenticated adverts between real hosts: keys, roll-out, rotation, recordings, clocks, other daemons.

No keepalived that signs (2.4.2 or later) is at hand: its bytes are checked by the published vectors in
tests/unit/core/test_auth.py, and here by ourselves.
"""

import os
import signal
import time
from functools import partial
from pathlib import Path

import pytest

from tests.netns.bounds import BUSY, HANDOVER, QUICK, master_down
from tests.netns.frr import frr
from tests.netns.keepalived import keepalived
from tests.netns.lab import Lab, wait_until
from tests.netns.namespace import Namespace
from tests.netns.recorder import Recorder
from tests.netns.service import Service
from tests.netns.signing import (
    configure,
    dropped,
    hmac,
    key_files,
    restart,
    set_clock,
    settle,
    sidecar_by_own_clock,
)
from tests.netns.vrrp_daemon import Daemon, Setup, router_status, sidecar, status

pytestmark = pytest.mark.netns

WINDOW = 5.0
"""The default window at any interval up to 1.67 s."""
DAY = 86400.0
FAR_BEYOND = 2 * master_down(240, QUICK) + BUSY
"""Seconds in which host b would have taken over twice if it did not hear host a."""
PASSWORD = "correct-horse-battery"


def signed(folder: Path, *, family: int = 4) -> Setup:
    """A pair that enforces key 1."""
    key, _ = key_files(folder)
    return Setup(interval=QUICK, checks={}, family=family, router=hmac([(1, key)]))


# ---- a pair with keys


@pytest.mark.parametrize("family", [4, 6])
def test_a_pair_with_one_key_fails_over_and_back_and_refuses_nothing(tmp_path: Path, family: int) -> None:
    with Lab(signed(tmp_path, family=family)) as lab:
        lab.start()
        lab.hosts["a"].daemon.terminate(5)
        lab.await_server("b")
        lab.hosts["a"].daemon.start()
        lab.await_server("a", mark=lab.client.mark)
        lab.hosts["a"].daemon.kill()
        lab.await_server("b", within=5, mark=lab.client.mark)
        lab.hosts["a"].daemon.start()
        settle(lab)
        assert lab.overlap() < 2 * HANDOVER + 1, "a kernel that expires the VIP of a killed host is late"
        assert [dropped(lab, name) for name in "ab"] == [{}, {}]


def test_a_pair_by_unicast_signs_every_copy(tmp_path: Path) -> None:
    key, _ = key_files(tmp_path)
    with Lab(Setup(interval=QUICK, checks={}, unicast=True, router=hmac([(1, key)]))) as lab:
        lab.start()
        settle(lab)
        assert [dropped(lab, name) for name in "ab"] == [{}, {}]


# ---- a host without the key


def test_a_backup_without_a_key_hears_the_signed_master_and_stays_backup(tmp_path: Path) -> None:
    with Lab(signed(tmp_path)) as lab:
        configure(lab, "b", {})
        lab.start()
        settle(lab)
        assert dropped(lab, "b") == {}
        assert lab.overlap() == 0


@pytest.mark.parametrize(
    ("stranger", "of_stranger", "of_pair"),
    [
        ("no key", set(), {"auth_missing"}),
        ("another key", {"auth_hmac"}, {"auth_hmac"}),
        ("another id", {"auth_key"}, {"auth_key"}),
    ],
)
def test_a_better_host_without_the_key_is_refused_and_moves_nobody_of_the_pair(
    tmp_path: Path, stranger: str, of_stranger: set[str], of_pair: set[str]
) -> None:
    """It serves beside the master, as whoever gives himself the address can. Nobody yields to it."""
    _, other = key_files(tmp_path)
    auth = {"no key": {}, "another key": hmac([(1, other)]), "another id": hmac([(2, other)])}[stranger]
    with Lab(signed(tmp_path), hosts=3, priorities=(240, 230, 250)) as lab:
        configure(lab, "c", auth)
        lab.start(["a", "b"])
        seen = lab.witness.mark
        lab.hosts["c"].daemon.start()
        lab.await_sighting("advert", "c", 5, seen, priority=250)
        lab.watch_for(FAR_BEYOND)
        moved = [event for event in lab.witness.since(seen) if event.kind == "removed" and event.host == "a"]
        assert not moved
        assert "b" not in lab.holders()
        assert [set(dropped(lab, name)) for name in "ab"] == [of_pair, of_pair]
        assert set(dropped(lab, "c")) == of_stranger


# ---- changes on a running pair, by restarts


def test_a_roll_out_from_nothing_to_enforce_and_back_never_has_two_masters(tmp_path: Path) -> None:
    key, _ = key_files(tmp_path)
    modes = [hmac([(1, key)], mode) for mode in ("receive-only", "permissive", "enforce")]
    with Lab(Setup(interval=QUICK, checks={})) as lab:
        lab.start()
        for stage in (*modes, *modes[1::-1], {}):
            for name in "ba":
                restart(lab, name, stage)
                assert [dropped(lab, each) for each in "ab"] == [{}, {}]
        assert lab.overlap() < 6 * HANDOVER, "host a came back six times"


def test_a_rotation_of_keys_never_has_two_masters(tmp_path: Path) -> None:
    old, new = ((number, file) for number, file in enumerate(key_files(tmp_path), 1))
    with Lab(signed(tmp_path)) as lab:
        lab.start()
        for keys in ([old, new], [new, old], [new]):
            for name in "ab":
                restart(lab, name, hmac(keys))
                assert [dropped(lab, each) for each in "ab"] == [{}, {}]
        assert lab.overlap() < 3 * HANDOVER, "host a came back three times"


# ---- recordings


def test_recorded_adverts_move_nothing_and_are_counted(tmp_path: Path) -> None:
    """Everything that both hosts said, the master's resignation too, said again by a third one."""
    with Lab(signed(tmp_path)) as lab, Recorder(lab.lan.members["gateway"]) as recorder:
        lab.start()
        lab.hosts["a"].daemon.terminate(5)
        lab.await_server("b")
        lab.hosts["a"].daemon.start()
        lab.await_server("a", mark=lab.client.mark)
        lab.await_sole("a")
        frames, at = recorder.recorded(), time.monotonic()
        said = {(frame[29], frame[14 + 20 + 2]) for frame in frames}
        assert {(11, 250), (11, 0), (12, 240)} <= said, "master, resignation, backup"
        seen = lab.witness.mark
        recorder.say_again(frames)
        wait_until(lambda: dropped(lab, "b").get("auth_replay", 0) > 1, 2, "b refuses what a said")
        wait_until(lambda: dropped(lab, "a").get("auth_replay", 0) > 1, 2, "a refuses what b said")
        lab.watch_for(at + WINDOW + 1.1 - time.monotonic())
        recorder.say_again(frames)
        of_a = sum(frame[29] == 11 for frame in frames)
        wait_until(lambda: dropped(lab, "b").get("auth_stale") == of_a, 2, "b refuses all of them again")
        wait_until(lambda: dropped(lab, "a").get("auth_stale", 0) > 1, 2, "a refuses them again")
        lab.watch_for(FAR_BEYOND)
        moves = [e for e in lab.witness.since(seen) if e.kind == "removed" or e.is_("added", "b")]
        assert not moves
        assert router_status(lab.hosts["b"].namespace)["master"]["source"] == lab.hosts["a"].address


# ---- clocks


def test_a_clock_set_by_a_day_on_either_host_or_both_moves_nothing(tmp_path: Path) -> None:
    with Lab(signed(tmp_path), sidecar_by_own_clock) as lab:
        lab.start()
        seen = lab.witness.mark
        for hosts in ("a", "b", "ab"):
            for ahead in (DAY, -DAY, 0.0):
                for name in hosts:
                    set_clock(lab, name, ahead)
                lab.watch_for(FAR_BEYOND)
                assert lab.holders() == ["a"]
        assert not [e for e in lab.witness.since(seen) if e.kind == "removed" or e.is_("added", "b")]
        assert [dropped(lab, name) for name in "ab"] == [{}, {}]


@pytest.mark.parametrize("name", ["a", "b"])
def test_after_a_step_a_failover_is_what_it_was(tmp_path: Path, name: str) -> None:
    with Lab(signed(tmp_path), sidecar_by_own_clock) as lab:
        lab.start()
        set_clock(lab, name, DAY)
        lab.watch_for(BUSY)
        lab.hosts["a"].daemon.hang()
        lab.await_server("b", within=5)
        lab.watch_for(WINDOW + 1)
        mark = lab.client.mark
        lab.hosts["a"].daemon.resume()
        lab.await_server("a", within=5, mark=mark)
        settle(lab)


@pytest.mark.parametrize("ahead", [DAY, -DAY])
def test_a_host_that_starts_with_a_wrong_clock_is_a_second_master_until_it_is_set_right(
    tmp_path: Path, ahead: float
) -> None:
    with Lab(signed(tmp_path), sidecar_by_own_clock) as lab:
        lab.start(["a"])
        set_clock(lab, "b", ahead)
        seen = lab.witness.mark
        lab.hosts["b"].daemon.start()
        lab.await_sighting("added", "b", 5, seen, address=lab.setup.vip)
        for name in "ab":
            wait_until(partial(_refuses, lab, name, {"auth_stale"}), 2, f"{name} refuses what is stale")
        right, mark = time.monotonic(), lab.witness.mark
        set_clock(lab, "b", 0.0)
        gone = lab.await_removed("b", 5, mark)
        assert gone.at - right < 0.5 + QUICK + BUSY, "its next look at the clock, and the next advert"
        settle(lab)


def _refuses(lab: Lab, name: str, reasons: set[str]) -> bool:
    return set(dropped(lab, name)) == reasons


# ---- what is shown


@pytest.mark.parametrize("version", [2, 3])
def test_nothing_that_a_running_host_shows_has_the_secret_in_it(tmp_path: Path, version: int) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"hunTer2" * 5)
    key.chmod(0o600)
    router = {2: {"auth": {"pass": "hunTer2"}}, 3: hmac([(1, key)])}[version]
    with Lab(Setup(interval=1, version=version, checks={}, router=router)) as lab:
        lab.start(["a"])
        host = lab.hosts["a"]
        pages = [
            status(host.namespace, path)[1] for path in ("/status.json", "/metrics", "/readyz", "/healthz")
        ]
        os.kill(host.daemon.pid, signal.SIGUSR1)
        configure(lab, "b", {2: {"auth": {"pass": "anoTher1"}}, 3: hmac([(2, key)])}[version])
        lab.hosts["b"].daemon.start()
        wait_until(lambda: bool(dropped(lab, "a")), 8, "a refuses b, and says so in its log")
        host.daemon.terminate(5)
        log = host.daemon.log.read_text(encoding="utf-8")
        assert '"event": "status"' in log
        assert f"adverts of {lab.hosts['b'].address} are refused" in log
        shown = "\n".join([*pages, log])
        for secret in ("hunTer2", "anoTher1", b"hunTer2".hex(), b"anoTher1".hex()):
            assert secret not in shown


# ---- daemons that know nothing of signatures


@pytest.mark.parametrize("peer", [keepalived, frr])
def test_a_peer_that_drops_signed_adverts_makes_two_masters_and_receive_only_makes_it_one(
    tmp_path: Path, peer: Daemon
) -> None:
    """keepalived 2.2.7 and FRR 10.3, each as the backup of a sidecar that accepts what is unsigned."""
    key, _ = key_files(tmp_path)
    quiet, loud = (hmac([(1, key)], mode) for mode in ("receive-only", "permissive"))
    with Lab(Setup(interval=QUICK, checks={}, router=quiet), {"a": sidecar, "b": peer}) as lab:
        lab.start()
        lab.watch_for(FAR_BEYOND)
        assert lab.holders() == ["a"]
        configure(lab, "a", loud)
        lab.hosts["a"].daemon.terminate(5)
        lab.hosts["a"].daemon.start()
        lab.await_server("a", within=5, mark=lab.client.mark)
        lab.watch_for(FAR_BEYOND)
        assert sorted(lab.holders()) == ["a", "b"], "b does not hear that a is better"
        assert dropped(lab, "a") == {}
        configure(lab, "a", quiet)
        lab.hosts["a"].daemon.terminate(5)
        lab.hosts["a"].daemon.start()
        lab.await_sole("a", 5)
        lab.watch_for(FAR_BEYOND)
        assert lab.holders() == ["a"]


def keepalived_with_password(ns: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
    """keepalived 2.2.7 with a simple password."""
    service = keepalived(ns, host, priority, folder, setup)
    file = folder / "keepalived.conf"
    block = f"  authentication {{\n    auth_type PASS\n    auth_pass {PASSWORD}\n  }}\n"
    text = file.read_text(encoding="ascii").replace("  interface eth0\n", f"  interface eth0\n{block}")
    file.write_text(text, encoding="ascii")
    return service


@pytest.mark.parametrize("ours", ["a", "b"], ids=["master", "backup"])
def test_a_password_longer_than_8_bytes_is_cut_as_keepalived_cuts_it(ours: str) -> None:
    (theirs,) = {"a", "b"} - {ours}
    daemons: dict[str, Daemon] = {ours: sidecar, theirs: keepalived_with_password}
    setup = Setup(interval=1, version=2, checks={}, router={"auth": {"pass": PASSWORD}})
    with Lab(setup, daemons) as lab:
        lab.start()
        lab.watch_for(master_down(240, 1) + BUSY)
        assert lab.holders() == ["a"]
        lab.hosts["a"].daemon.terminate(5)
        lab.await_server("b", within=5)
        lab.hosts["a"].daemon.start()
        lab.await_server("a", within=10, mark=lab.client.mark)
        lab.await_sole("a")
        assert dropped(lab, ours) == {}


@pytest.mark.parametrize(
    ("password", "reason"), [({}, "auth_type"), ({"auth": {"pass": "x"}}, "auth_password")]
)
def test_another_password_than_keepalived_has_is_refused_by_both(
    password: dict[str, object], reason: str
) -> None:
    setup = Setup(interval=1, version=2, checks={}, router=password)
    with Lab(setup, {"a": sidecar, "b": keepalived_with_password}) as lab:
        lab.start(["a"])
        seen = lab.witness.mark
        lab.hosts["b"].daemon.start()
        lab.await_sighting("added", "b", 8, seen, address=lab.setup.vip)
        wait_until(lambda: set(dropped(lab, "a")) == {reason}, 3, "a refuses what keepalived says")
        assert "a" in lab.holders()
