"""A service manager that started the sidecar (sd_notify(3)) is told by the router, once it can be asked.

Modules: router.readiness, router.shell.
"""

import json
import socket
import struct
import sys
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path

import pytest
import yaml

from sidecar.cli.control import get
from tests.netns.bounds import SLOWER
from tests.netns.lan import VIP, Lan
from tests.netns.service import Service
from tests.netns.vrrp_daemon import ROOT

pytestmark = pytest.mark.netns

READY = 20.0
"""Seconds on a quiet machine, many times what a start takes."""
_CREDENTIALS = struct.Struct("=3i")  # struct ucred


def test_what_follows_a_start_is_answered(tmp_path: Path) -> None:
    with ExitStack() as stack:
        member = Lan(stack, "a").members["a"]
        control, notify = tmp_path / "control.sock", tmp_path / "notify"
        router = {"interface": "eth0", "vrid": 51, "priority": 250, "addresses": [VIP]}
        file = tmp_path / "sidecar.yaml"
        what = {"virtual_routers": {"web": router}, "control": {"socket": str(control)}}
        file.write_text(yaml.safe_dump(what), encoding="utf-8")
        manager = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        manager.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        manager.bind(str(notify))
        manager.settimeout(SLOWER * READY)
        argv = [sys.executable, "-m", "sidecar", "run", "-c", str(file)]
        environment = {"PYTHONPATH": str(ROOT), "NOTIFY_SOCKET": str(notify)}
        service = Service(member, argv, tmp_path / "log", **environment)
        stack.callback(service.kill)
        service.start()
        told, ((_, _, credentials),), *_ = manager.recvmsg(100, socket.CMSG_SPACE(_CREDENTIALS.size))
        code, body = get(str(control), "/status.json", patience=0.0)
        sender, _, _ = _CREDENTIALS.unpack(credentials)
        assert (told, code) == (b"READY=1", HTTPStatus.OK), body
        # The router lives in a PID namespace of its own: the last number is that one's (proc_pid_status(5)).
        numbers = (
            Path(f"/proc/{sender}/status")
            .read_text(encoding="ascii")
            .split("NSpid:")[1]
            .splitlines()[0]
            .split()
        )
        assert int(numbers[-1]) == json.loads(body)["processes"]["router"]["pid"]
