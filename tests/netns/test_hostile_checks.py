"""Every hostile target at once: the verdicts are right, and the protocol loop does not notice."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.netns.bounds import LATE
from tests.netns.hostile_targets import checks, programs
from tests.netns.lab import Lab
from tests.netns.vrrp_daemon import NGINX_CHECKS, ROOT, Setup, status

pytestmark = [pytest.mark.netns, pytest.mark.alone, pytest.mark.timing]

PUBLISHED = 0.02
"""Seconds that adverts may be late whatever the targets of checks do."""
MEMORY = 192 * 1024
"""KiB that the sidecar may have resident."""


def test_hostile_targets_of_all_kinds_delay_no_advert_and_cost_bounded_memory(tmp_path: Path) -> None:
    late, others = lateness_with(checks(), tmp_path)
    assert on_time(late, PUBLISHED + others) == late["+Inf"], (late, others)


def test_programs_that_flood_and_fork_beside_them_delay_hardly_any(tmp_path: Path) -> None:
    late, others = lateness_with({**checks(), **programs()}, tmp_path)
    # They run on our processors, and how these are shared is the kernel's affair.
    assert on_time(late, LATE + others) == late["+Inf"], (late, others)
    assert on_time(late, PUBLISHED + others) >= 0.95 * late["+Inf"], (late, others)


def on_time(late: Mapping[str, int], bound: float) -> int:
    """How many adverts were in the first bucket of the histogram that goes as far as this bound."""
    return next(count for edge, count in late.items() if float(edge) >= bound)


PATIENT = {**NGINX_CHECKS, "http": {**NGINX_CHECKS["http"], "every": "1s", "timeout": "1s"}}
"""Of nginx itself, which shares the processors with them."""


def lateness_with(hostile: Mapping[str, Any], folder: Path) -> tuple[dict[str, int], float]:
    """How many adverts were at most so many seconds late beside these checks, all of which must be down.

    And by how much a process was late at most that has nothing to do with any of them.
    """
    setup = Setup(interval=0.1, checks={**PATIENT, **hostile}, router={"checks": list(NGINX_CHECKS)})
    with Lab(setup, hosts=1) as lab:
        a = lab.hosts["a"]
        argv = [sys.executable, "-m", "tests.netns.hostile_targets", str(folder)]
        targets = a.namespace.spawn(argv, subprocess.PIPE, PYTHONPATH=str(ROOT))
        assert targets.stdout is not None
        with targets.stdout as pipe:
            assert pipe.readline() == b"ready\n"
            lab.start()
            seen = lab.witness.mark
            lab.watch_for(8)
            code, metrics = status(a.namespace, "/metrics")
            assert code == 200
            _, body = status(a.namespace)
            verdicts = {check["name"]: check for check in json.loads(body)["checks"]}
            resident = _resident(a.daemon.pid)
            removed = [event for event in lab.witness.since(seen) if event.kind == "removed"]
            holders, others = lab.holders(), lab.late(since=0)
            targets.kill()
    late = _lateness(metrics)
    print(f"resident {resident} KiB; adverts by lateness {late}")
    assert [name for name in hostile if verdicts[name]["up"] is not False] == []
    assert {verdicts[name]["up"] for name in NGINX_CHECKS} == {True}
    assert (holders, removed) == (["a"], [])
    assert resident < MEMORY
    assert late["+Inf"] > 60
    return late, others


def _resident(pid: int) -> int:
    return int(re.findall(r"VmRSS:\s+([0-9]+) kB", Path(f"/proc/{pid}/status").read_text())[0])


def _lateness(metrics: str) -> dict[str, int]:
    pattern = r'lateness_seconds_bucket\{le="([^"]+)",timer="advert"\} ([0-9]+)'
    return {bound: int(count) for bound, count in re.findall(pattern, metrics)}
