"""`docker compose` on a machine, for a service `sidecar` in the host's network: the same process, no engine.

Command, mounted folder and files of variables are those of the compose file; the image is this source tree.
What a container adds to that (capabilities, seccomp, a root that is read-only) is tested in tests/e2e.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from tests.netns.service import Service
from tests.walk.machine import Machine

_VOLUME: Final = """
set -eu
mkdir -p /etc/vip-sidecar
mount --bind "$0" /etc/vip-sidecar
exec "$@"
"""
_RUN: Final = "/run/vip-sidecar"
_EXIT: Final = 5.0


class Compose:
    """The one service of a machine. `file`: the compose file in its folder."""

    def __init__(self, machine: Machine, file: str) -> None:
        self._machine = machine
        self._file = machine.folder / file
        self.service: Service | None = None
        machine.typed["docker"] = self.typed

    def typed(self, words: Sequence[str]) -> str:
        """Do what a command says. Raise ValueError for one that pages do not use."""
        match list(words):
            case ["docker", "compose", "up", "--detach", "sidecar"]:
                return self._up()
            case ["docker", "compose", "stop", "sidecar"]:
                return self._stop()
            case ["docker", "compose", "exec", "sidecar", *command]:
                return self._machine.type(shlex.join(command))
            case ["docker", "compose", "run", "--rm", "sidecar", *command]:
                return self._machine.run(*self._contained("vip-sidecar", *command), **self._environment())
        raise ValueError(f"not known here: {shlex.join(words)}")

    def _up(self) -> str:
        command = self._contained("vip-sidecar", *map(str, self._said()["command"]))
        tmpfs = dict(each.split("=") for each in self._said()["tmpfs"][0].partition(":")[2].split(","))
        self._machine.run(
            *("install", "-d", "-m", tmpfs["mode"], "-o", tmpfs["uid"], "-g", tmpfs["gid"], _RUN)
        )
        self.service = Service(
            self._machine.namespace,
            self._machine.argv(*command),
            self._machine.folder / "sidecar.log",
            **self._environment(),
        )
        self.service.start()
        return ""

    def _stop(self) -> str:
        assert self.service is not None, "never started"
        code, _ = self.service.terminate(_EXIT)
        assert code == 0, self.service.log.read_text(encoding="utf-8")
        return ""

    def _said(self) -> dict[str, Any]:
        said = yaml.safe_load(self._file.read_text(encoding="utf-8"))["services"]["sidecar"]
        assert isinstance(said, dict)
        return said

    def _contained(self, *command: str) -> list[str]:
        folder, _, there = self._said()["volumes"][0].partition(":")
        assert there == "/etc/vip-sidecar:ro", "the folder of the configuration comes first"
        return ["unshare", "--mount", "sh", "-c", _VOLUME, str(self._machine.folder / folder), *command]

    def _environment(self) -> dict[str, str]:
        """The variables of the files that the service names."""
        path = f"/usr/local/bin:{_PATH}"
        found = {"PATH": path}
        for name in self._said()["env_file"]:
            found |= variables(self._machine.folder / name)
        return found


_PATH: Final = "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


def variables(file: Path) -> dict[str, str]:
    """The assignments of a file such as .env, which a shell reads in the same way."""
    lines = file.read_text(encoding="utf-8").splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return dict(word.split("=", 1) for line in words for word in line)
