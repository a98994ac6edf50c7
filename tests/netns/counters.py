"""Counters and cost of a sidecar, read from outside."""

import os
import time
from pathlib import Path

from tests.netns.lab import Lab
from tests.netns.namespace import Namespace
from tests.netns.vrrp_daemon import TOLD, metrics

_TICKS = os.sysconf("SC_CLK_TCK")

Counters = dict[str, float]


def counters(namespace: Namespace, told: float = TOLD) -> Counters:
    """Every sample of a host's metrics, by its name and labels as they are written. `told`: see metrics."""
    page = metrics(namespace, told)
    lines = (line.rpartition(" ") for line in page.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def counters_of_all(lab: Lab) -> dict[str, Counters]:
    """The same of each host, by name."""
    time.sleep(TOLD)
    return {host.name: counters(host.namespace, told=0) for host in lab.hosts.values()}


def risen(before: Counters, after: Counters, name: str, **labels: str) -> float:
    """By how much all samples of a family with these labels have grown."""
    wanted = [f'{key}="{value}"' for key, value in labels.items()]
    found = [each for each in after if each.partition("{")[0] == name and all(w in each for w in wanted)]
    assert found, f"no sample of {name} {labels}"
    return sum(after[each] - before.get(each, 0) for each in found)


def by_label(before: Counters, after: Counters, name: str, label: str) -> dict[str, float]:
    """The same for each value of a label, without those that have not grown."""
    grown: dict[str, float] = {}
    for each in after:
        if each.partition("{")[0] == name:
            value = each.partition(f'{label}="')[2].partition('"')[0]
            grown[value] = grown.get(value, 0) + after[each] - before.get(each, 0)
    return {value: count for value, count in grown.items() if count}


def processor_seconds(pid: int) -> float:
    """Processor time of a process so far, of all its threads."""
    # The name in brackets may hold spaces; utime and stime are fields 14 and 15 of the line.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_bytes(pid: int) -> int:
    """Memory of a process that is in use now."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
