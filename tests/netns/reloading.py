"""A configuration file of a host in the lab that is changed while its sidecar runs."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.netns.lab import Host
from tests.netns.vrrp_daemon import ROOT


class Reloading:
    """The file of a host: `document` is what is in it, until `write` writes what it became."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.file = Path(host.daemon.argv[-1])
        self.document: dict[str, Any] = yaml.safe_load(self.file.read_text())
        self._outcomes: list[dict[str, Any]] = []
        self._read = 0

    @property
    def router(self) -> dict[str, Any]:
        """The keys of the router that all hosts have."""
        found = self.document["virtual_routers"]["web"]
        assert isinstance(found, dict)
        return found

    def write(self, text: str | None = None, *, renamed: bool = False) -> None:
        """Write the document, or a text instead of it. `renamed`: by a new file that takes its name."""
        content = yaml.safe_dump(self.document, sort_keys=False) if text is None else text
        target = self.file.with_suffix(".new") if renamed else self.file
        target.write_text(content, encoding="utf-8")
        if renamed:
            target.rename(self.file)

    def reload(self, *options: str) -> tuple[int, dict[str, Any]]:
        """The verb with its exit status and its document."""
        argv = [sys.executable, "-m", "sidecar", "reload", "-o", "json", *options]
        socket = {"VIP_SIDECAR_SOCKET": self.document["control"]["socket"], "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            argv, env=os.environ | socket, stdout=subprocess.PIPE, text=True, timeout=150, check=False
        )
        return done.returncode, json.loads(done.stdout or "{}")

    def apply(self) -> dict[str, Any]:
        """Write the document and have it applied."""
        self.write()
        code, outcome = self.reload()
        assert (code, outcome["result"]) == (0, "applied"), outcome
        return outcome

    def hang_up(self, within: float = 60.0) -> dict[str, Any]:
        """SIGHUP; return the line about the outcome."""
        (outcome,) = self.hang_up_all([self], within)
        return outcome

    @staticmethod
    def hang_up_all(hosts: Sequence["Reloading"], within: float = 60.0) -> list[dict[str, Any]]:
        """SIGHUP to all of them at once; return the lines about the outcomes."""
        before = [len(each.outcomes()) for each in hosts]
        for each in hosts:
            each.host.daemon.send(signal.SIGHUP)
        ends = time.monotonic() + within
        while any(len(each.outcomes()) == count for each, count in zip(hosts, before, strict=True)):
            assert time.monotonic() < ends, "no line about a reload"
            time.sleep(0.01)
        return [each.outcomes()[-1] for each in hosts]

    def outcomes(self) -> list[dict[str, Any]]:
        """The lines of the log about outcomes."""
        # Only what is new is read: after a thousand reloads the log is long.
        with self.host.daemon.log.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        lines = (json.loads(line) for line in whole.splitlines() if b'"reload"' in line)
        self._outcomes += [line for line in lines if line["event"] == "reload" and "result" in line]
        return self._outcomes
