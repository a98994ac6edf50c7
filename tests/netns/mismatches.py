"""Hosts that differ, and every place where people are told of it."""

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tests.netns.lab import Host, Lab, wait_until
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.sightings import holds
from tests.netns.vrrp_daemon import ROOT, Daemon, Setup, answered, metrics, router_status, sidecar

OTHER = {4: "10.77.0.200", 6: "fd77::200"}
"""The VIP of another service on the same LAN."""

GONE = 10.5
"""Seconds after which a silent sender is told of no more, and half a second for the status."""


def with_keys(**router: Any) -> Daemon:
    """The sidecar with these keys of its router."""

    def make(ns: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
        return sidecar(ns, host, priority, folder, replace(setup, router={**setup.router, **router}))

    return make


def other_service(make: Daemon) -> Daemon:
    """keepalived with another VIP than the lab's, and nothing else that differs."""

    def other(ns: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
        service = make(ns, host, priority, folder, setup)
        file = folder / "keepalived.conf"
        text = file.read_text(encoding="ascii").replace(setup.vip, OTHER[setup.family])
        file.write_text(text, encoding="ascii")
        return service

    return other


def mismatches(host: Host) -> list[dict[str, Any]]:
    found = router_status(host.namespace)["mismatches"]
    assert isinstance(found, list)
    return found


def told(host: Host, source: str, reason: str) -> dict[str, Any]:
    """What a host says of a sender, once it knows its MAC address."""

    def known() -> list[dict[str, Any]]:
        return [
            each
            for each in mismatches(host)
            if (each["source"], each["reason"]) == (source, reason) and each["mac"]
        ]

    wait_until(lambda: bool(known()), 8, f"{host.name} tells of {source}: {mismatches(host)}")
    (found,) = known()
    return found


def command(host: Host, *words: str) -> tuple[int, str]:
    """Exit code and output of the command line on a host."""
    sock = str(host.daemon.log.parent / "control.sock")
    line = f'{sys.executable} -m sidecar "$@" --socket {sock}; echo $?'
    said = host.namespace.run("env", f"PYTHONPATH={ROOT}", "sh", "-c", line, "sh", *words)
    *text, code = said.splitlines()
    return int(code), "\n".join(text)


def counted(host: Host, series: str) -> bool:
    """Whether a series is there, and above 0."""
    page = metrics(host.namespace)
    return series in page and f"{series} 0.0" not in page


def assert_told_everywhere(host: Host, source: str, mac: str, reason: str, said: str) -> None:
    """Status, its exit code and table, /readyz, log and metrics; `healthcheck` stays 0."""
    found = told(host, source, reason)
    assert found["mac"] == mac
    assert said in f"{found['detail']}; {found['remedy']}"
    ready = answered(host.namespace, "/readyz")
    assert ready.splitlines()[0] == "ok"
    assert f"adverts of {source} ({mac}) are " in ready
    code, health = command(host, "healthcheck")
    assert code == 0
    assert source in health
    code, table = command(host, "status")
    assert code in (1, 2)
    assert source in table
    for series in (
        f'vipsidecar_vrrp_adverts_dropped_total{{reason="{reason}",router="web"}}',
        'vipsidecar_vrrp_refused_senders{router="web"}',
    ):
        wait_until(partial(counted, host, series), 3, f"{series} above 0")

    def logged() -> bool:
        lines = host.daemon.said()
        return any(
            line["level"] == "warning" and line.get("source") == source and said in line["detail"]
            for line in lines
        ) and any(line.get("event") == "unexpected_sender" and line.get("mac") == mac for line in lines)

    wait_until(logged, 5, f"the log of {host.name} tells of {source}")


def held_by(lab: Lab, vip: str) -> list[str]:
    return [hold.host for hold in holds(lab.witness.since(), vip) if hold.end == float("inf")]
