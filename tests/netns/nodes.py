"""Hosts that read each other's status: one file for both, as `nodes:` is meant to be written."""

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import yaml

from sidecar.telemetry.document import Status
from sidecar.telemetry.verdict import judge
from tests.netns.lab import Host
from tests.netns.lan import address
from tests.netns.mismatches import command
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import STATUS_PORT, Daemon, Setup, answered, sidecar, status


def url(host: str) -> str:
    """Where the status of a host is read."""
    return f"http://{address(host)}:{STATUS_PORT}"


def with_nodes(*hosts: str, **router: Any) -> Daemon:
    """The sidecar that reads the status of these hosts, itself among them, with more keys of its router."""

    def make(ns: Namespace, host: str, priority: int, folder: Path, setup: Setup) -> Service:
        service = sidecar(ns, host, priority, folder, setup)
        file = folder / "sidecar.yaml"
        config = yaml.safe_load(file.read_text(encoding="utf-8"))
        config["virtual_routers"]["web"] |= router
        config["nodes"] = [url(each) for each in hosts]
        config["http"] = {"listen": f"0.0.0.0:{STATUS_PORT}"}
        file.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        return service

    return make


READ = 60
"""Seconds for what is read every two seconds, on a machine that is busy."""


def asked(host: Host) -> Status | None:
    """The status of a host, None while nobody answers."""
    try:
        code, body = status(host.namespace)
    except OSError:
        return None
    return cast("Status", json.loads(body)) if code == HTTPStatus.OK else None


def nodes(host: Host) -> list[dict[str, Any]]:
    """The other hosts in the status of a host."""
    found = json.loads(answered(host.namespace))["nodes"]
    assert isinstance(found, list)
    return found


def states(host: Host) -> dict[str, str]:
    """The state of each other host's router, as a host shows it; its fault where it was not read."""
    return {
        each["url"]: each["fault"] or " ".join(router["state"] for router in each["virtual_routers"])
        for each in nodes(host)
    }


def verdict(host: Host) -> tuple[int, list[str]]:
    """The exit code of `status` on a host, and its reasons, a line each."""
    code, table = command(host, "status")
    reasons: list[str] = []
    for line in table.splitlines():
        if line.startswith("! "):
            reasons.append(line.removeprefix("! "))
        elif reasons:
            reasons[-1] += f" {line.strip()}"
    return code, reasons


def says(host: Host, code: int, words: str = "") -> bool:
    """Whether `status` on a host has this exit code now, and these words among its reasons.

    The command, which starts an interpreter, is asked when the document says so.
    """
    document = asked(host)
    if document is None or judge(document).code != code:
        return False
    found, reasons = verdict(host)
    return found == code and words in " ".join(reasons)
