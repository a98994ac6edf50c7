"""Hooks of a real pair: in their order around a move, and no advert late whatever they do."""

import re
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.netns.counters import counters, risen
from tests.netns.lab import Lab, wait_until
from tests.netns.on_time import control, lateness, p99
from tests.netns.test_events import asked
from tests.netns.vrrp_daemon import NGINX_CHECKS, Setup, router_status

pytestmark = pytest.mark.netns

TOLD = """
here=0
while read -r line; do
  case "$line" in *" ${VIP_SIDECAR_ADDRESSES%/*}") here=1;; esac
done < /proc/net/fib_trie
echo "$VIP_SIDECAR_HOOK $1 $2 $3 $4 $here" >> {log}
"""
"""Writes which hook it is, what it was told, and whether the VIP is here. One process alone."""
HANG = "sleep 3127 & setsid sleep 3127 & sleep 3127"


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script.replace("$", "$$"), "hook"]


def hanging() -> bool:
    """Whether there is a process of HANG."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            if re.search(rb"sleep[ \0]3127", path.read_bytes()):
                return True
    return False


@pytest.mark.timing
def test_hooks_are_run_in_order_around_a_takeover_a_drain_and_a_stop(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    log = tmp_path / "told"
    log.touch()
    log.chmod(0o666)
    names = ("pre_acquire", "post_acquire", "pre_release", "post_release")
    hooks = {name: shell(TOLD.replace("{log}", str(log))) for name in names}
    with Lab(Setup(interval=0.3, router={"hooks": {**hooks, "timeout": "5s"}}), hosts=1) as lab:
        lab.start()
        lab.settle()

        def told() -> list[str]:
            return log.read_text().splitlines()

        wait_until(lambda: len(told()) == 2, 20, "both hooks of the takeover")
        assert told() == [
            "pre_acquire INSTANCE web MASTER 250 0",
            "post_acquire INSTANCE web MASTER 250 1",
        ]
        log.write_text("")
        # Nobody else is there: afterwards it serves again, drained.
        assert asked(lab, "a", "failover", "--force").returncode in (0, 1)
        wait_until(lambda: len(told()) == 4, 20, "the hooks of both moves")
        assert told() == [
            "pre_release INSTANCE web BACKUP 250 1",
            "post_release INSTANCE web BACKUP 1 0",
            "pre_acquire INSTANCE web MASTER 1 0",
            "post_acquire INSTANCE web MASTER 1 1",
        ]
        log.write_text("")
        code, _ = lab.hosts["a"].daemon.terminate(20)
        assert code == 0
        assert told()[:1] == ["pre_release INSTANCE web STOP 1 1"]
        assert told()[1:] in ([], ["post_release INSTANCE web STOP 1 0"])


@pytest.mark.timing
def test_a_hook_that_hangs_forks_and_fails_delays_no_advert(tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    # Long enough for a program of the lowest rank to begin beside whatever else runs.
    hooks = {"on_check": shell(f'[ "$7" = UP ] && exit 3; {HANG}'), "post_timeout": "2s"}
    checks = {
        **NGINX_CHECKS,
        "flag": {"file": str(flag), "every": "100ms", "rise": 1, "fall": 1, "weight": -1},
    }
    a = 0.1
    with Lab(Setup(interval=a, checks=checks, router={"hooks": hooks}), hosts=1) as lab:
        lab.start()
        lab.settle()
        namespace = lab.hosts["a"].namespace
        before, mark = counters(namespace), lab.witness.mark

        def runs(result: str) -> float:
            name = "vipsidecar_hook_runs_total"
            return risen(before, counters(namespace), name, hook="on_check", result=result)

        with control(a) as beside:
            flag.touch()
            wait_until(lambda: runs("timeout") == 1, 5, "the hook that hangs is ended")
            flag.unlink()
            wait_until(lambda: runs("failed") == 1, 5, "the next one has run")
            time.sleep(1.0)
        seen = [each.about["stamp"] for each in lab.witness.since(mark) if each.is_("advert", "a")]
        assert (runs("timeout"), runs("failed")) == (1, 1)
        assert p99(lateness(seen, a)) <= p99(beside.late) + 0.05
        (shown,) = router_status(namespace)["hooks"]
        assert (shown["hook"], shown["result"], shown["failing"]) == ("on_check", "failed", True)
        assert "exit status 3" in shown["detail"]
        wait_until(lambda: not hanging(), 5, "nothing of the hook is left")
