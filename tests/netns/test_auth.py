"""Authenticated adverts between real hosts: keys, roll-out, rotation, recordings.

No keepalived that signs (2.4.2 or later) is at hand: its bytes are checked by the published vectors in
tests/unit/core/router/test_auth.py, and here by ourselves.
"""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.netns.bounds import QUICK
from tests.netns.lab import Lab, wait_until
from tests.netns.recorder import Recorder
from tests.netns.reloading import Reloading
from tests.netns.signing import (
    FAR_BEYOND,
    WINDOW,
    configure,
    dropped,
    dropped_by_both,
    hmac,
    key_files,
    restart,
    settle,
    signed,
)
from tests.netns.vrrp_daemon import Setup, answered, router_status, status
from tests.sample import rest

pytestmark = pytest.mark.netns


# ---- a pair with keys


@pytest.mark.parametrize("family", [4, rest(6)])
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
        assert lab.overlap() < 2 * lab.handover(since=0) + 1, "a kernel expires a VIP late"
        assert dropped_by_both(lab) == [{}, {}]


def test_a_pair_by_unicast_signs_every_copy(tmp_path: Path) -> None:
    key, _ = key_files(tmp_path)
    with Lab(Setup(interval=QUICK, checks={}, unicast=True, router=hmac([(1, key)]))) as lab:
        lab.start()
        settle(lab)
        assert dropped_by_both(lab) == [{}, {}]


# ---- a host without the key


def test_a_backup_without_a_key_hears_the_signed_master_and_stays_backup(tmp_path: Path) -> None:
    with Lab(signed(tmp_path)) as lab:
        configure(lab, "b", {})
        lab.start()
        settle(lab)
        assert dropped(lab, "b") == {}
        assert lab.overlap() == 0


@pytest.mark.parametrize(
    ("unknown_sender", "of_unknown", "of_pair"),
    [
        ("no key", set(), {"auth_missing"}),
        ("another key", {"auth_hmac"}, {"auth_hmac"}),
        rest("another id", {"auth_key"}, {"auth_key"}),
    ],
)
def test_a_better_host_without_the_key_is_refused_and_moves_nobody_of_the_pair(
    tmp_path: Path, unknown_sender: str, of_unknown: set[str], of_pair: set[str]
) -> None:
    """It serves beside the master, as whoever gives himself the address can. Nobody yields to it."""
    _, other = key_files(tmp_path)
    auth = {"no key": {}, "another key": hmac([(1, other)]), "another id": hmac([(2, other)])}[unknown_sender]
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
        assert [set(each) for each in dropped_by_both(lab)] == [of_pair, of_pair]
        assert set(dropped(lab, "c")) == of_unknown


# ---- changes on a running pair, by restarts and by reloads


def test_a_roll_out_from_nothing_to_enforce_and_back_never_has_two_masters(tmp_path: Path) -> None:
    key, _ = key_files(tmp_path)
    modes = [hmac([(1, key)], mode) for mode in ("receive-only", "permissive", "enforce")]
    with Lab(Setup(interval=QUICK, checks={})) as lab:
        lab.start()
        for stage in (*modes, *modes[1::-1], {}):
            for name in "ba":
                restart(lab, name, stage)
                assert dropped_by_both(lab) == [{}, {}]
        assert lab.overlap() < 6 * lab.handover(since=0), "host a came back six times"


def test_a_roll_out_by_reloads_refuses_nothing_and_leaves_the_vip_where_it_is(tmp_path: Path) -> None:
    key, _ = key_files(tmp_path)
    modes = [hmac([(1, key)], mode) for mode in ("receive-only", "permissive", "enforce")]
    with Lab(Setup(interval=1.0, checks={})) as lab:
        lab.start()
        lab.settle()
        hosts = [Reloading(lab.hosts[name]) for name in "ba"]
        for stage in (*modes, *modes[1::-1], {}):
            for each in hosts:
                each.router.pop("auth", None)
                each.router.update(stage)
                each.apply()
                lab.watch_for(2 * lab.setup.interval)
                assert dropped_by_both(lab) == [{}, {}]
        assert lab.holders() == ["a"]


def test_a_rotation_of_keys_never_has_two_masters(tmp_path: Path) -> None:
    old, new = ((number, file) for number, file in enumerate(key_files(tmp_path), 1))
    with Lab(signed(tmp_path)) as lab:
        lab.start()
        for keys in ([old, new], [new, old], [new]):
            for name in "ab":
                restart(lab, name, hmac(keys))
                assert dropped_by_both(lab) == [{}, {}]
        assert lab.overlap() < 3 * lab.handover(since=0), "host a came back three times"


def test_a_rotation_of_keys_by_reloads_refuses_nothing_and_leaves_the_vip_where_it_is(tmp_path: Path) -> None:
    old, new = ((number, file) for number, file in enumerate(key_files(tmp_path), 1))
    with Lab(signed(tmp_path)) as lab:
        lab.start()
        lab.settle()
        mark = lab.witness.mark
        hosts = [Reloading(lab.hosts[name]) for name in "ab"]
        for keys in ([old, new], [new, old], [new]):
            for each in hosts:
                each.router.update(hmac(keys))
                each.apply()
                lab.watch_for(2 * lab.setup.interval)
                assert dropped_by_both(lab) == [{}, {}]
        seen = lab.witness.since(mark)
        assert not [event for event in seen if event.kind in ("added", "removed") and event.host == "b"]
        assert lab.holders() == ["a"]


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
        lab.watch_for(3 * QUICK)  # so that some are fresh, however long it took to come here
        frames, at = recorder.recorded(), time.monotonic()
        said = {(frame[29], frame[14 + 20 + 2]) for frame in frames}
        assert {(11, 250), (11, 0), (12, 240)} <= said, "master, resignation, backup"
        seen = lab.witness.mark
        recorder.say_again(frames)
        of_a = sum(frame[29] == 11 for frame in frames)
        wait_until(lambda: sum(dropped(lab, "b").values()) == of_a, 2, "b refuses what a said")
        wait_until(lambda: sum(dropped(lab, "a").values()) > 1, 2, "a refuses what b said")
        assert dropped(lab, "b")["auth_replay"] > 1
        old = {name: dropped(lab, name).get("auth_stale", 0) for name in "ab"}
        lab.watch_for(at + WINDOW + 1.1 - time.monotonic())
        recorder.say_again(frames)
        wait_until(
            lambda: dropped(lab, "b").get("auth_stale", 0) == old["b"] + of_a, 2, "b refuses all again"
        )
        wait_until(lambda: dropped(lab, "a").get("auth_stale", 0) > old["a"] + 1, 2, "a refuses them again")
        lab.watch_for(FAR_BEYOND)
        moves = [e for e in lab.witness.since(seen) if e.kind == "removed" or e.is_("added", "b")]
        assert not moves
        assert router_status(lab.hosts["b"].namespace)["master"]["source"] == lab.hosts["a"].address


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
        answered(host.namespace)
        pages = [
            status(host.namespace, path)[1] for path in ("/status.json", "/metrics", "/readyz", "/healthz")
        ]
        os.kill(host.daemon.pid, signal.SIGUSR1)
        configure(lab, "b", {2: {"auth": {"pass": "anoTher1"}}, 3: hmac([(2, key)])}[version])
        lab.hosts["b"].daemon.start()
        wait_until(lambda: bool(dropped(lab, "a")), 8, "a refuses b, and says so in its log")
        refused = f"adverts of {lab.hosts['b'].address} are refused"
        host.daemon.await_said('"event": "status"', refused)
        host.daemon.terminate(5)
        log = host.daemon.log.read_text(encoding="utf-8")
        shown = "\n".join([*pages, log])
        for secret in ("hunTer2", "anoTher1", b"hunTer2".hex(), b"anoTher1".hex()):
            assert secret not in shown
