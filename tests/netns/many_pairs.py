"""Many pairs of real sidecars on one network, hosts that take a connection and say nothing, an operator."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import ROOT, STATUS_PORT, run_sidecar, status

_HANG = """
import socket, sys, time
kept = [socket.create_server(("", 9000 + number)) for number in range(int(sys.argv[1]))]
time.sleep(1e6)
"""
_OPERATOR, _SILENT = "10.78.254.1", "10.78.254.2"


@dataclass(frozen=True)
class PairHost:
    """One host of a pair."""

    name: str
    namespace: Namespace
    daemon: Service

    def serves_since(self) -> float | None:
        """Since when it has the VIP, in Unix time; None: it has not."""
        (router,) = json.loads(status(self.namespace)[1])["virtual_routers"]
        return float(router["since"]) if router["state"] == "MASTER" else None


class ManyPairs:
    """A context: sidecars run, and `fleet --watch` is read from its first line on."""

    def __init__(self, pairs: int, silent: int) -> None:
        self._number, self._silent = pairs, silent
        self._stack = ExitStack()
        self._news = threading.Condition()
        self.shown: dict[str, dict[str, Any]] = {}
        """The last verdict on each cluster."""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vip-fleet-")))
            self._switch = self._made(stack)
            self._switch.ip("link add br0 type bridge mcast_snooping 0", "link set br0 up")
            self.pairs = [self._pair(stack, folder, number) for number in range(self._number)]
            silent = self._member(stack, "silent", _SILENT)
            self._operator = self._member(stack, "operator", _OPERATOR)
            hanging = Service(silent, [sys.executable, "-c", _HANG, str(self._silent)], folder / "silent.log")
            hanging.start()
            for a, b in self.pairs:
                a.daemon.start()
                b.daemon.start()
            (folder / "targets.json").write_text(json.dumps(self._targets()))
            self._watch(stack, folder)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if error is not None:
                error.add_note(json.dumps(self.shown, indent=1))

    def wait(self, cluster: str, detail: str, within: float) -> tuple[float, dict[str, Any]]:
        """Wait until the verdict on a cluster says so; return when that was shown, in Unix time, and all."""
        deadline = time.monotonic() + within
        with self._news:
            while not (cluster in self.shown and detail in self.shown[cluster]["detail"]):
                left = deadline - time.monotonic()
                assert left > 0, f"{cluster}: {detail}"
                self._news.wait(left)
            return time.time(), self.shown[cluster]

    # ---- how it is made

    @staticmethod
    def _made(stack: ExitStack) -> Namespace:
        made = Namespace()
        stack.callback(made.close)
        return made

    def _member(self, stack: ExitStack, name: str, address: str) -> Namespace:
        member = self._made(stack)
        self._switch.ip(
            f"link add p-{name} type veth peer name eth0 netns {member.pid}",
            f"link set p-{name} master br0 up",
        )
        member.ip(
            f"addr add {address}/16 brd + dev eth0", "link set eth0 addrgenmode none", "link set eth0 up"
        )
        return member

    def _pair(self, stack: ExitStack, folder: Path, number: int) -> tuple[PairHost, PairHost]:
        a, b = (self._host(stack, folder, number, name) for name in "ab")
        return a, b

    def _host(self, stack: ExitStack, folder: Path, number: int, which: str) -> PairHost:
        name = f"{which}{number}"
        namespace = self._member(stack, name, _address(number, which))
        router = {
            "interface": "eth0",
            "vrid": number + 1,
            "priority": {"a": 250, "b": 240}[which],
            "addresses": [f"10.78.100.{number + 1}/32"],
            "hosts": 2,
        }
        what = {"virtual_routers": {"web": router}, "checks": {"cable": {"link": "eth0"}}}
        daemon = run_sidecar(namespace, name, folder / name, what)
        file = folder / name / "sidecar.yaml"
        file.write_text(file.read_text().replace("127.0.0.1:", "0.0.0.0:"))
        return PairHost(name, namespace, daemon)

    def _targets(self) -> list[dict[str, Any]]:
        pairs = [
            {
                "targets": [f"{_address(number, which)}:{STATUS_PORT}" for which in "ab"],
                "labels": {"cluster": f"c{number}"},
            }
            for number in range(self._number)
        ]
        silent = [
            {"targets": [f"{_SILENT}:{9000 + each}"], "labels": {"cluster": f"s{each}"}}
            for each in range(self._silent)
        ]
        return [*silent, *pairs]

    def _watch(self, stack: ExitStack, folder: Path) -> None:
        verb = ["fleet", "-f", str(folder / "targets.json"), "--watch", "-o", "json"]
        command = [sys.executable, "-m", "sidecar", *verb]
        process = self._operator.spawn(command, subprocess.PIPE, PYTHONPATH=str(ROOT), PYTHONUNBUFFERED="1")
        reading = threading.Thread(target=self._read, args=(process,), daemon=True)
        reading.start()
        stack.callback(reading.join, 20)
        stack.callback(process.kill)

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                with self._news:
                    self.shown = {each["cluster"]: each for each in json.loads(line)}
                    self._news.notify_all()


def _address(number: int, which: str) -> str:
    return f"10.78.{'-ab'.index(which)}.{number + 1}"
