"""What a start costs, `python -m bench.start` (as root): a sidecar until it listens, and the short verbs.

`--against DIR` measures another tree in turn with this one. Each start is a whole life: it listens, answers
the first status, and is stopped; the processor time is that of all its processes until then.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.idle import family
from sidecar.cli.control import Unreachable, get
from tests.netns.namespace import Namespace
from tests.netns.vrrp_daemon import ROOT

_CONFIG: Final = """
node: a
virtual_routers:
  web: {{interface: vip0, vrid: 51, priority: 250, addresses: [10.77.0.100]}}
checks:
  link: {{link: vip0}}
  http: {{http: "http://127.0.0.1:8080/"}}
http: {{listen: "127.0.0.1:9650"}}
control: {{socket: {socket}}}
"""
_JOINED: Final = "120000E0"
"""The group of VRRP in /proc/net/igmp."""
_PATIENCE: Final = 60.0
_APART: Final = 0.2
"""Seconds between two verbs. A verb that comes within 50 ms of the one before waits for the next picture."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_INSTALLED: Final = "import sys; from sidecar.cli.main import main; sys.exit(main())"
"""What the installed command does, by which Docker asks: `-m` alone would take a quarter of the time."""
_VERBS: Final[dict[str, list[str]]] = {
    "healthcheck": ["-c", _INSTALLED, "healthcheck"],
    "status": ["-m", "sidecar", "status"],
    "explain": ["-m", "sidecar", "explain"],
    "check-config": ["-m", "sidecar", "check-config", "-c", "FILE"],
    "an interpreter alone": ["-c", "pass"],
}


@dataclass(frozen=True, slots=True)
class Life:
    """Seconds of one start: until it listens, until a status is there, and of processor time until then."""

    listens: float
    status: float
    processor: float


def _until(true: Callable[[], bool], what: str) -> float:
    """Return when it became true."""
    ends = time.monotonic() + _PATIENCE
    while not true():
        if time.monotonic() > ends:
            raise TimeoutError(what)
        time.sleep(0.002)
    return time.monotonic()


def _processor_time(pid: int) -> float:
    """Return what its threads have used so far, and what its children have that ended."""
    # The name in brackets may hold spaces; cutime and cstime are fields 16 and 17 of the line.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    files = Path(f"/proc/{pid}/task").glob("*/schedstat")
    threads = (each.read_text(encoding="ascii").split() for each in files)
    return sum(int(used) for used, *_ in threads) / 1e9 + (int(fields[13]) + int(fields[14])) / _TICKS


def _ended(process: subprocess.Popen[bytes]) -> float:
    """Wait for the end. Return the processor time of it and of all children that it has reaped."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def _has_status(socket: Path) -> bool:
    try:
        return get(str(socket), "/status.json")[0] == 200  # noqa: PLR2004 - HTTP
    except Unreachable:
        return False


class Stage:
    """A namespace with an interface, and a configuration for it."""

    def __init__(self, namespace: Namespace, folder: Path) -> None:
        self._namespace = namespace
        self.socket = folder / "control.sock"
        self.file = folder / "vip.yaml"
        self.file.write_text(_CONFIG.format(socket=self.socket))

    def life(self, tree: Path) -> Life:
        """Start the sidecar of a tree, and stop it."""
        began = time.monotonic()
        process = self._start(tree)
        igmp = Path(f"/proc/{self._namespace.pid}/net/igmp")
        try:
            listens = _until(lambda: _JOINED in igmp.read_text(), "it listens")
            status = _until(lambda: _has_status(self.socket), "it has a status")
            processor = sum(_processor_time(each) for each in family(process.pid))
        finally:
            process.terminate()
            process.wait()
        return Life(listens - began, status - began, processor)

    @contextmanager
    def running(self, tree: Path) -> Iterator[None]:
        """Have a sidecar run in the block."""
        process = self._start(tree)
        try:
            _until(lambda: _has_status(self.socket), "it has a status")
            yield
        finally:
            process.terminate()
            process.wait()

    def verb(self, tree: Path, words: Sequence[str]) -> tuple[float, float]:
        """Return the seconds and the processor time of a verb."""
        argv = [sys.executable, *(str(self.file) if word == "FILE" else word for word in words)]
        environment = os.environ | {"PYTHONPATH": str(tree), "VIP_SIDECAR_SOCKET": str(self.socket)}
        began = time.monotonic()
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - no file of ours
            process = subprocess.Popen(argv, env=environment, cwd="/", stdout=nowhere, stderr=nowhere)  # noqa: S603 - ours
            processor = _ended(process)
        return time.monotonic() - began, processor

    def _start(self, tree: Path) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "sidecar", "run", "-c", str(self.file)]
        return self._namespace.spawn(argv, subprocess.DEVNULL, PYTHONPATH=str(tree))


@contextmanager
def stage() -> Iterator[Stage]:
    """A stage, until the end of the block."""
    namespace = Namespace()
    try:
        namespace.ip(
            "link add vip0 type veth peer name vip1",
            "addr add 10.77.0.1/24 dev vip0",
            "link set vip0 up",
            "link set vip1 up",
        )
        with TemporaryDirectory(prefix="vip-start-") as folder:
            yield Stage(namespace, Path(folder))
    finally:
        namespace.close()


def _row(what: str, samples: Sequence[float]) -> str:
    middle, low, high = (
        f"{value * 1000:.0f}" for value in (statistics.median(samples), min(samples), max(samples))
    )
    return f"| {what} | {len(samples)} | {middle} | {low} | {high} |\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table, in milliseconds."""
    parser = argparse.ArgumentParser(prog="python -m bench.start", description="Measure starts.")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--against", type=Path, metavar="DIR", help="another tree, in turn with this one")
    parser.add_argument("--starts-alone", action="store_true", help="no verbs")
    chosen = parser.parse_args(argv)
    trees = {"": ROOT} if chosen.against is None else {"before: ": chosen.against.resolve(), "now: ": ROOT}
    sys.stdout.write("| | runs | median | min | max |\n|---|--:|--:|--:|--:|\n")
    with stage() as place:
        lives: dict[str, list[Life]] = {name: [] for name in trees}
        for _ in range(chosen.runs):
            for name, tree in trees.items():
                lives[name].append(place.life(tree))
        for name, seen in lives.items():
            sys.stdout.write(_row(f"{name}until it listens", [each.listens for each in seen]))
            sys.stdout.write(_row(f"{name}until it has a status", [each.status for each in seen]))
            sys.stdout.write(_row(f"{name}processor, all processes", [each.processor for each in seen]))
        if not chosen.starts_alone:
            _verbs(place, trees, chosen.runs)
    return 0


def _verbs(place: Stage, trees: dict[str, Path], runs: int) -> None:
    with place.running(ROOT):
        for verb, words in _VERBS.items():
            taken: dict[str, list[tuple[float, float]]] = {name: [] for name in trees}
            for _ in range(runs):
                for name, tree in trees.items():
                    time.sleep(_APART)
                    taken[name].append(place.verb(tree, words))
            for name, seen in taken.items():
                sys.stdout.write(_row(f"{name}{verb}", [each for each, _ in seen]))
                sys.stdout.write(_row(f"{name}{verb}: processor", [each for _, each in seen]))


if __name__ == "__main__":
    sys.exit(main())
