"""A drill moves the VIP to the other host and back, measures it as the client does, and refuses a sick pair.

Modules: cli.drill.*.
"""

import json
import subprocess
import sys
import time
from functools import partial
from typing import Any

import pytest

from tests.netns.lab import Host, Lab, wait_until
from tests.netns.nodes import READ, nodes, says, states, url, with_nodes
from tests.netns.sightings import longest_gap, servers
from tests.netns.vrrp_daemon import ROOT, Setup

pytestmark = [pytest.mark.netns, pytest.mark.timing]


def drill(host: Host) -> tuple[int, dict[str, Any]]:
    """Exit code and document of a drill on a host in which the other one serves for a second."""
    folder = host.daemon.log.parent
    words = ["-c", str(folder / "sidecar.yaml"), "--socket", str(folder / "control.sock"), "--hold", "1s"]
    argv = [sys.executable, "-m", "sidecar", "drill", *words, "-o", "json"]
    process = host.namespace.spawn(argv, subprocess.PIPE, PYTHONPATH=str(ROOT))
    said, _ = process.communicate(timeout=120)
    return process.returncode, json.loads(said)


def test_there_and_back_and_what_is_not_well_stays() -> None:
    with Lab(Setup(interval=0.3), with_nodes("a", "b")) as lab:
        lab.start()
        a, b = lab.hosts["a"], lab.hosts["b"]
        wait_until(lambda: states(a) == {url("b"): "BACKUP"}, READ, "a reads b")
        wait_until(partial(says, a, 0), READ, "a is well")
        code, refused = drill(b)
        assert (code, refused["result"]) == (2, "refused")
        assert refused["obstacles"][0]["mend"] == "run it on the host that serves"
        mark, since = lab.client.mark, time.monotonic()
        code, done = drill(a)
        assert code == {"passed": 0, "failed": 1}[done["result"]]
        assert servers(lab.client.since(mark)) == ["a", "b", "a"]
        assert [(move["from"], move["to"]) for move in done["moves"]] == [("a", "b"), ("b", "a")], done
        assert done["troubles"] == []
        assert [visit["passed"] for visit in done["visits"]] == [True, True]
        seen = longest_gap(lab.client.since(mark), since)
        measured = max(move["gap_seconds"] for move in done["moves"])
        assert abs(measured - seen) <= 0.03 + lab.grace(since), (seen, done)
        for move in done["moves"]:
            assert move["gap_seconds"] <= move["promised_seconds"] + lab.grace(since), done
        lab.await_sole("a")
        b.nginx.kill()
        wait_until(partial(says, b, 1), READ, "b is not well")
        # A host reads the status of another one every two seconds.
        wait_until(lambda: not nodes(a)[0]["virtual_routers"][0]["fit"], READ, "a knows")
        code, refused = drill(a)
        assert (code, refused["moves"]) == (2, [])
        assert lab.holders() == ["a"]
