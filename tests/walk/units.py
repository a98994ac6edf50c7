"""`systemctl` on a machine: the command that a unit starts, with its user and rights, and its end.

What else systemd does (sandboxing, restarts) is in the unit file, whose settings tests compare.
"""

import shlex
import signal
from collections.abc import Mapping, Sequence
from typing import Final

from tests.netns.service import Service
from tests.walk.machine import CommandFailedError, Machine
from tests.walk.unit_file import UnitFile

_EXIT: Final = 10.0
_UNITS: Final = "/etc/systemd/system"
_NOT_RUNNING: Final = 3


class Units:
    """The units of a machine by name: those of packages, and those whose file a page has put there.

    Processes end with the machine.
    """

    def __init__(self, machine: Machine, packages: Mapping[str, Sequence[str]]) -> None:
        self._machine = machine
        self._packages = packages
        self.services: dict[str, Service] = {}
        machine.typed["systemctl"] = self.typed

    def typed(self, words: Sequence[str]) -> str:
        """Do what a command says. Raise ValueError for one that pages do not use."""
        match list(words):
            case ["systemctl", "daemon-reload"]:
                return ""
            case ["systemctl", "start", name] | ["systemctl", "enable", "--now", name]:
                if name not in self.services or not self.services[name].running:
                    self._start(name)
                return ""
            case ["systemctl", "stop", name] | ["systemctl", "disable", "--now", name]:
                self._stop(name)
                return ""
            case ["systemctl", "restart", name]:
                self._stop(name)
                self._start(name)
                return ""
            case ["systemctl", "reload", name]:
                return self._reload(name)
            case ["systemctl", "is-active", name]:
                if name in self.services and self.services[name].running:
                    return "active\n"
                raise CommandFailedError(f"inactive: exit {_NOT_RUNNING}")
        raise ValueError(f"not known here: {shlex.join(words)}")

    def _stop(self, name: str) -> None:
        if name in self.services and self.services[name].running:
            self.services[name].terminate(_EXIT)

    def _reload(self, name: str) -> str:
        """As the unit says; units of packages take SIGHUP. systemctl prints nothing."""
        if name in self._packages:
            self.services[name].send(signal.SIGHUP)
        else:
            self._machine.run(*self._unit(name).reload)
        return ""

    def _unit(self, name: str) -> UnitFile:
        return UnitFile(self._machine.run("cat", f"{_UNITS}/{name}.service"))

    def _start(self, name: str) -> None:
        environment: dict[str, str] = {}
        if name in self._packages:
            command = list(self._packages[name])
        else:
            unit = self._unit(name)
            for before in unit.before:
                self._machine.run(*before)
            for file in unit.environment_files:
                environment |= self._variables(str(file))
            command = unit.command
        log = self._machine.folder / f"{name}.log"
        service = Service(self._machine.namespace, self._machine.argv(*command), log, **environment)
        self.services[name] = service
        service.start()

    def _variables(self, file: str) -> dict[str, str]:
        lines = self._machine.run("cat", file).splitlines()
        words = [shlex.split(line, comments=True) for line in lines]
        return dict(word.split("=", 1) for line in words for word in line)
