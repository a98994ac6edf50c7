"""The file check: a flag that is made and removed."""

import asyncio
import time
from pathlib import Path

import pytest

from sidecar.checks.aside import Aside
from sidecar.checks.kinds.file import FileProbe
from sidecar.checks.probe import ProbeProgress
from sidecar.core.health.result import Outcome
from sidecar.plan.check import FileCheck
from tests.unit.checks.stage import running


@pytest.mark.parametrize("present", [False, True])
def test_making_and_removing_the_flag_turns_the_verdict(tmp_path: Path, present: bool) -> None:
    flag = tmp_path / "flag"
    absent, there = (Outcome.FAIL, Outcome.PASS) if present else (Outcome.PASS, Outcome.FAIL)
    with running([FileCheck("flag", str(flag), present=present, every=0.05, timeout=0.05)]) as seen:
        seen.after(0, absent)
        flag.touch()
        mark = len(seen.results)
        seen.after(mark, there, count=2)
        flag.unlink()
        flag.symlink_to("/nonexistent")
        mark = len(seen.results)
        assert seen.after(mark, there)[0].result.detail.startswith("the file exists")
        flag.unlink()
        mark = len(seen.results)
        seen.after(mark, absent, count=2)


def test_who_cannot_look_does_not_know() -> None:
    finding = asyncio.run(FileProbe(Path("/" + "x" * 300))(ProbeProgress()))
    assert (finding.outcome, finding.detail) == (
        Outcome.ERROR,
        "the check could not look: file name too long",
    )


def test_a_call_that_hangs_is_waited_for_by_all_and_holds_up_nobody() -> None:
    calls = 0

    def slow() -> int:
        nonlocal calls
        calls += 1
        time.sleep(0.2)
        return calls

    async def scenario() -> tuple[int, int]:
        aside = Aside(slow, "slow")
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await aside.result()
        return await aside.result(), await aside.result()

    assert asyncio.run(scenario()) == (1, 2)
