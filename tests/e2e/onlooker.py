"""A container check in a process of its own, as in a sidecar.

`python -m tests.e2e.onlooker URL NAME [LABEL...]` writes when it began, and one line of JSON for each result.
All processes of a machine read one monotonic clock.
"""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import ContainerCheck
from sidecar.plan.container import ContainerSelection
from sidecar.plan.services import Docker
from tests.netns.processes import below
from tests.unit.checks.stage import Collector, Seen, running

_APART = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


@dataclass
class Onlooker(Collector):
    """Results of the check so far. `began` is when it was started."""

    began: float = 0.0
    process: "subprocess.Popen[str] | None" = None

    def freeze(self) -> None:
        """SIGSTOP to the check and all that belongs to it."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._send(signal.SIGCONT)

    def _send(self, number: int) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)
        for pid in below(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def listen(self, lines: Iterator[str]) -> None:
        """Take all that the process writes."""
        self.began = float(next(lines))
        for line in lines:
            at, outcome, detail, decisive = json.loads(line)
            with self.news:
                self.results.append(
                    Seen(at, "nginx", CheckResult(Outcome(outcome), detail, decisive=decisive))
                )
                self.news.notify_all()


@contextmanager
def onlooker(
    url: str,
    container: str | tuple[str, ...],
    *,
    host_pids: bool = False,
    mounts: Mapping[Path, Path] | None = None,
) -> Iterator[Onlooker]:
    """Run the check. Without `host_pids` it sees no process of the host, as any container sees none.

    `mounts` are bind mounts, source and target, that it alone sees.
    """
    apart = () if host_pids and not mounts else _APART
    words = [container] if isinstance(container, str) else ["", *container]
    argv = [sys.executable, "-m", "tests.e2e.onlooker", url, *words]
    if mounts:
        binds = " && ".join(f"mount --bind {source} {target}" for source, target in mounts.items())
        argv = ["sh", "-c", f'{binds} && exec "$@"', "sh", *argv]
    seen = Onlooker()
    with subprocess.Popen(
        [*apart, *argv], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        seen.process = process
        reader = threading.Thread(target=seen.listen, args=(process.stdout,))
        reader.start()
        try:
            yield seen
        finally:
            process.kill()
            reader.join()


def main(url: str, name: str, *labels: str) -> NoReturn:
    print(time.monotonic(), flush=True)
    with running([ContainerCheck("nginx", ContainerSelection(name, labels))], Docker(url=url)) as seen:
        for number in itertools.count():
            _await(seen, number + 1)
            at, result = seen.results[number].at, seen.results[number].result
            print(json.dumps([at, result.outcome, result.detail, result.decisive]), flush=True)
    raise AssertionError


def _await(seen: Collector, count: int) -> None:
    with seen.news:
        seen.news.wait_for(lambda: len(seen.results) >= count)


if __name__ == "__main__":
    main(*sys.argv[1:])
