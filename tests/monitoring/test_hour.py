"""An hour of faults and of harmless events, before real Prometheus and Alertmanager, with time divided.

`make hour` has all of them; elsewhere it is a sample. All pairs are scraped at once, each is a cluster.
"""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest

from tests.monitoring.compressed import FACTOR, divided, routes, rules
from tests.monitoring.harmless import HARMLESS, cable_out, nginx_restarted, refused_reload, standby_rebooted
from tests.monitoring.live import LivePair, Stage, stage
from tests.monitoring.promtool import RULES
from tests.monitoring.test_firing import FAULTS
from tests.unit.telemetry.http_client import fetch

WHOLE: Final = os.environ.get("HOUR") == "1"
LATER: Final = "VipDrainForgotten"
"""Four hours are not within one."""
SAMPLE: Final = ("VipTwoHolders", "VipSecondMaster", "VipCannotSend", "VipNoHolder", "VipFault")
PAGED: Final = [name for name in FAULTS if name != LATER] if WHOLE else list(SAMPLE)
SILENT: Final = HARMLESS if WHOLE else (cable_out, nginx_restarted, refused_reload, standby_rebooted)
LONGEST: Final = 3600 if WHOLE else 120
"""Seconds of a pause of a harmless event; in a sample nobody waits a quarter of an hour for a late alert."""
ARRIVES: Final = 60.0
"""Seconds for a message to arrive on a slow machine."""


def test_every_duration_is_divided() -> None:
    assert [divided(span) for span in ("30s", "5m", "1h", "1d")] == [
        "1500ms",
        "15000ms",
        "180000ms",
        "4320000ms",
    ]
    written = json.dumps([rules(file) for file in RULES])
    assert "[15m]" not in written
    assert "[45000ms]" in written
    assert '"for": "1500ms"' in written
    assert routes("http://x/")["route"]["group_wait"] == "500ms"


def fault(stage: Stage, pair: LivePair, name: str) -> None:
    """Let a fault happen until it is over, or until its page has arrived."""
    FAULTS[name].happens(pair)
    stage.list_targets()
    ends = time.monotonic() + FAULTS[name].lasts / FACTOR + ARRIVES
    while time.monotonic() < ends and not paged(stage, pair, name):
        time.sleep(0.2)
    stage.gone(pair)


def paged(stage: Stage, pair: LivePair, name: str) -> list[str]:
    """The runbooks of the pages about this pair under that name."""
    return [
        page.runbook
        for page in tuple(stage.pages)
        if page.alert == name and (page.cluster == pair.name or page.instance.startswith(f"{pair.name}-"))
    ]


def seen(stage: Stage) -> int:
    """The number of hosts that Prometheus has scraped."""
    found = json.loads(fetch(stage.prometheus, f"/api/v1/query?query={quote('count(up == 1)')}")[2])["data"][
        "result"
    ]
    return int(found[0]["value"][1]) if found else 0


def history(stage: Stage, cluster: str) -> str:
    """What Prometheus has seen of a pair: when each of its hosts answered, and had the VIP."""
    lines = []
    for name in ("up", "vipsidecar_vip_owned"):
        query = quote(f'{name}{{cluster="{cluster}"}}[1h]')
        for series in json.loads(fetch(stage.prometheus, f"/api/v1/query?query={query}")[2])["data"][
            "result"
        ]:
            changes = [f"{at:.1f} {value}" for at, value in series["values"]]
            lines.append(f"{name} {series['metric']['instance']}: {', '.join(changes)}")
    return "\n".join(lines)


@pytest.mark.parts
@pytest.mark.timeout(900)
def test_each_fault_pages_with_its_runbook_and_nothing_else_does(tmp_path: Path) -> None:
    ill = {name: LivePair(name.lower()) for name in PAGED}
    well = [LivePair(event.__name__, LONGEST) for event in SILENT]
    with stage(tmp_path, [*ill.values(), *well]) as made:
        ends = time.monotonic() + ARRIVES
        while seen(made) < 2 * len(made.pairs):
            assert time.monotonic() < ends, seen(made)
            time.sleep(0.2)
        with ThreadPoolExecutor(len(made.pairs)) as threads:
            done = [threads.submit(fault, made, pair, name) for name, pair in ill.items()]
            done += [threads.submit(event, pair) for pair, event in zip(well, SILENT, strict=True)]
        for each in done:
            each.result()
        time.sleep(2)  # what is wrong would be on its way
        for name, pair in ill.items():
            assert set(paged(made, pair, name)) == {f"docs/runbook.md#{name.lower()}"}, name
        names = {pair.name for pair in well}
        woken = [page for page in made.pages if page.cluster in names]
        assert not woken, "\n".join(f"{page}\n{history(made, page.cluster)}" for page in woken)
        print(
            f"{len(ill)} faults paged, {len(well)} events were silent; {len(made.pages)} alerts in messages"
        )
