"""Hosts that sign their adverts: their keys, their roll-out by restarts, their clocks, what they refuse."""

import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from tests.netns.bounds import BUSY, QUICK, master_down
from tests.netns.lab import Host, Lab, wait_until
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import TOLD, Daemon, Setup, metrics, sidecar, status

_DROPPED = re.compile(r'vipsidecar_vrrp_adverts_dropped_total\{reason="(\w+)",router="web"\} ([0-9.e+]+)')
_CLOCK = "clock"
WINDOW = 5.0
"""The default window at any interval up to 1.67 s."""
FAR_BEYOND = 2 * master_down(240, QUICK) + BUSY
"""Seconds in which host b would have taken over twice if it did not hear host a."""


def key_files(folder: Path, count: int = 2) -> list[Path]:
    """Files with a key each."""
    files = [folder / f"key{number}" for number in range(1, count + 1)]
    for number, file in enumerate(files, 1):
        file.write_bytes(bytes([number]) * 32)
        file.chmod(0o600)
    return files


def hmac(keys: Sequence[tuple[int, Path]], mode: str = "enforce") -> dict[str, Any]:
    """The key `auth` of a router with keys by their ids; the first signs."""
    return {"auth": {"hmac": [{"id": id_, "key_file": str(file)} for id_, file in keys], "mode": mode}}


def signed(folder: Path, *, family: int = 4) -> Setup:
    """A pair that enforces key 1."""
    key, _ = key_files(folder)
    return Setup(interval=QUICK, checks={}, family=family, router=hmac([(1, key)]))


def configure(lab: Lab, name: str, router: Mapping[str, Any]) -> None:
    """Write a new file for a host, whose next life reads it. `router`: as in Setup."""
    host = lab.hosts[name]
    sidecar(host.namespace, name, host.priority, host.daemon.log.parent, replace(lab.setup, router=router))


def restart(lab: Lab, name: str, router: Mapping[str, Any]) -> None:
    """Restart the sidecar of a host with other keys, and wait until the better host alone serves again."""
    configure(lab, name, router)
    host = lab.hosts[name]
    assert host.daemon.terminate(5)[0] == 0
    host.daemon.start()
    settle(lab)


def settle(lab: Lab) -> None:
    """Host a alone has the VIP, and has had it for longer than b would wait for an advert."""
    wait_until(lambda: [_state(host) for host in lab.hosts.values()] == ["MASTER", "BACKUP"], 10, "a leads")
    lab.await_sole("a")
    lab.watch_for(master_down(240, lab.setup.interval) + BUSY)
    assert lab.holders() == ["a"]


def _state(host: Host) -> str:
    """The state of its router; nothing while it is starting."""
    try:
        code, body = status(host.namespace)
    except OSError:
        return ""
    return str(json.loads(body)["virtual_routers"][0]["state"]) if code == HTTPStatus.OK else ""


def dropped(lab: Lab, name: str, told: float = TOLD) -> dict[str, int]:
    """How many adverts a host has refused, by reason; reasons that it never had are left out."""
    page = metrics(lab.hosts[name].namespace, told)
    counts = {reason: int(float(count)) for reason, count in _DROPPED.findall(page)}
    assert "auth_hmac" in counts, page
    return {reason: count for reason, count in counts.items() if count}


def dropped_by_both(lab: Lab) -> list[dict[str, int]]:
    """The same of hosts a and b."""
    time.sleep(TOLD)
    return [dropped(lab, name, told=0) for name in "ab"]


def by_own_clock(daemon: Daemon) -> Daemon:
    """A sidecar with a wall clock that can be set: set_clock."""

    def make(ns: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
        service = daemon(ns, host, priority, folder, setup)
        clock = folder / _CLOCK
        clock.write_text("0", encoding="ascii")
        at = service.argv.index("sidecar")
        service.argv[at : at + 1] = ["tests.netns.shifted_clock", str(clock)]
        assert service.argv[0] == sys.executable
        return service

    return make


sidecar_by_own_clock = by_own_clock(sidecar)


def set_clock(lab: Lab, name: str, ahead: float) -> None:
    """The wall clock of a host is now this many seconds ahead."""
    clock = lab.hosts[name].daemon.log.parent / _CLOCK
    new = clock.with_suffix(".new")
    new.write_text(str(ahead), encoding="ascii")
    new.replace(clock)
