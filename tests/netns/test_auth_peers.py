"""Authenticated adverts and real keepalived 2.2.7 and FRR 10.3, which know nothing of signatures."""

from pathlib import Path

import pytest

from tests.netns.bounds import BUSY, QUICK, master_down
from tests.netns.frr import frr
from tests.netns.keepalived import keepalived
from tests.netns.lab import Lab, wait_until
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.signing import FAR_BEYOND, configure, dropped, hmac, key_files
from tests.netns.vrrp_daemon import Daemon, Setup, sidecar
from tests.sample import rest

pytestmark = pytest.mark.netns

PASSWORD = "correct-horse-battery"


@pytest.mark.parametrize("peer", [keepalived, rest(frr)])
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


@pytest.mark.parametrize("ours", ["a", rest("b")], ids=["master", "backup"])
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
