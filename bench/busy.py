"""A false verdict under load? `python -m bench.busy --minutes 10` (as root, cgroup version 1).

nginx of host a gets a limit of connections and a fifth of a processor. A client holds 80 % of the
connections and asks at the rate that, with another client that opens a new one every 2 ms, costs nginx
80 % of its processor time. The checks must not fail, and nothing may move.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.idle import family, processor_seconds
from tests.netns.lab import CLOSELY, Host, Lab
from tests.netns.sightings import longest_gap
from tests.netns.vrrp_daemon import NGINX_CHECKS, Setup, status
from tests.netns.webserver import PORT, await_listening

_SHARE = 0.8
_CONNECTIONS = 512
_PERIOD = 0.1
_QUOTA = 0.2
"""Processors that nginx may use."""
_CALIBRATION = 5.0
_TRIAL = 0.4
"""Part of the highest rate at which the cost of a request is measured."""
_CGROUP = Path("/sys/fs/cgroup/cpu") / f"vip-bench-{os.getpid()}"
_LOAD = Path(__file__).with_name("load.py")


def _limit(host: Host) -> None:
    """Give nginx one worker with few connections."""
    file = Path(host.nginx.log.parent, "nginx.conf")
    text = file.read_text(encoding="ascii").replace("worker_processes 2", "worker_processes 1")
    # Otherwise all connections end together after a thousand requests, and the load is no steady one.
    text = text.replace("access_log off;", "access_log off; keepalive_requests 1000000000;")
    file.write_text(re.sub(r"worker_connections \d+", f"worker_connections {_CONNECTIONS}", text))
    host.nginx.kill()
    host.nginx.start()
    await_listening(host.namespace, host.nginx)


@contextmanager
def _starved(pid: int) -> Iterator[None]:
    """A process and its children share a part of one processor."""
    _CGROUP.mkdir()
    try:
        (_CGROUP / "cpu.cfs_period_us").write_text(str(int(_PERIOD * 1e6)))
        (_CGROUP / "cpu.cfs_quota_us").write_text(str(int(_PERIOD * _QUOTA * 1e6)))
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (str(pid), *children):
            (_CGROUP / "cgroup.procs").write_text(each)
        yield
    finally:
        for each in (_CGROUP / "cgroup.procs").read_text().split():
            (_CGROUP.parent / "cgroup.procs").write_text(each)
        _CGROUP.rmdir()


def _throttled() -> int:
    """Periods so far in which nginx had used up its part."""
    return int(dict(line.split() for line in (_CGROUP / "cpu.stat").read_text().splitlines())["nr_throttled"])


def _load(lab: Lab, target: str, connections: int, rate: float, seconds: float) -> dict[str, float]:
    how = [target, str(PORT), str(connections), str(rate), str(seconds)]
    process = lab.lan.members["client"].spawn([sys.executable, str(_LOAD), *how], subprocess.PIPE)
    output, _ = process.communicate(timeout=seconds + 30)
    result: dict[str, float] = json.loads(output)
    return result


def _counters(host: Host) -> dict[str, float]:
    """Results of the http check, and transitions, of a host so far."""
    _, text = status(host.namespace, "/metrics")
    samples = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    found = {
        outcome: sum(
            float(value)
            for name, _, value in samples
            if name.startswith("vipsidecar_check_results_total{") and f'result="{outcome}"' in name
        )
        for outcome in ("pass", "fail", "timeout", "error")
    }
    moves = (float(v) for name, _, v in samples if name.startswith("vipsidecar_vrrp_transitions_total{"))
    return {**found, "transitions": sum(moves)}


def _used(host: Host) -> float:
    """Seconds of processor time that nginx has used."""
    return sum(processor_seconds(pid) for pid in family(host.nginx.pid))


def _rate(lab: Lab, held: int, trial: float) -> tuple[float, float]:
    """The rate that makes nginx use its share, and the part of it that the lab's own client uses."""
    host = lab.hosts["a"]
    before = _used(host)
    time.sleep(_CALIBRATION)
    others = (_used(host) - before) / _CALIBRATION
    before = _used(host)
    answered = _load(lab, lab.setup.vip, held, trial, _CALIBRATION)["answered"]
    each = (_used(host) - before - others * _CALIBRATION) / answered
    return (_SHARE * _QUOTA - others) / each, others / _QUOTA


def _changes(host: Host) -> list[str]:
    return [line for line in host.daemon.log.read_text().splitlines() if '"event": "check_' in line]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if anything moved or a check's verdict changed."""
    parser = argparse.ArgumentParser(prog="python -m bench.busy", description="False verdicts under load?")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to look (default 10)")
    seconds = 60 * parser.parse_args(argv).minutes
    held = int(_SHARE * _CONNECTIONS)
    with Lab(Setup(checks=NGINX_CHECKS), every=CLOSELY) as lab:
        host = lab.hosts["a"]
        _limit(host)
        with _starved(host.nginx.pid):
            # Overload is no false verdict: nobody judges yet.
            most = _load(lab, host.address, held, 0, _CALIBRATION)["rate"]
            lab.start()
            rate, others = _rate(lab, held, _TRIAL * most)
            seen = len(_changes(host))
            before, mark, since = _counters(host), lab.client.mark, time.monotonic()
            throttled, used = _throttled(), _used(host)
            result = _load(lab, lab.setup.vip, held, rate, seconds)
            after, throttled, used = _counters(host), _throttled() - throttled, _used(host) - used
            gap = longest_gap(lab.client.since(mark), since)
        changes = _changes(host)[seen:]
    counted = {name: int(after[name] - before[name]) for name in after}
    sys.stdout.write(
        f"nginx: {_CONNECTIONS} connections, {_QUOTA:.0%} of a processor, {most:.0f} requests/s at most\n"
        f"load: {held} connections, {rate:.0f} requests/s for {seconds:.0f} s: "
        f"{result['answered']:.0f} answered, {result['failed']:.0f} failed, "
        f"slowest {result['slowest'] * 1000:.0f} ms; "
        f"nginx used {used / seconds / _QUOTA:.0%} of its part ({others:.0%} for the other client) "
        f"and all of it in {throttled} of {seconds / _PERIOD:.0f} periods\n"
        f"checks: {counted}; changes of a verdict: {len(changes)}\n"
        f"longest gap of the other client: {gap * 1000:.0f} ms\n"
    )
    return 1 if changes or counted["transitions"] else 0


if __name__ == "__main__":
    sys.exit(main())
