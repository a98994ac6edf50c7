"""A systemd unit as the manager reads it (systemd.syntax(7)), and what it starts, without a manager."""

import shlex
from pathlib import Path
from typing import Final

_CONTINUED: Final = "\\\n"


class UnitFile:
    """The settings of a unit, by section and name; one that is given again adds a value."""

    def __init__(self, text: str) -> None:
        self._settings: dict[tuple[str, str], list[str]] = {}
        section = ""
        for raw in text.replace(_CONTINUED, " ").splitlines():
            line = raw.strip()
            if line.startswith("[") and line.endswith("]"):
                section = line[1:-1]
            elif line and line[0] not in "#;":
                name, equals, value = line.partition("=")
                if not equals or not section:
                    raise ValueError(f"no setting of a section: {line!r}")
                self._settings.setdefault((section, name.strip()), []).append(value.strip())

    def values(self, section: str, name: str) -> list[str]:
        """Return every value of a setting, in order."""
        return self._settings.get((section, name), [])

    def value(self, name: str, section: str = "Service") -> str:
        """Return the value of a setting that is given once. Raise ValueError otherwise."""
        (found,) = self.values(section, name)
        return found

    def words(self, name: str) -> list[str]:
        """Return the words of a setting of the service that is a list."""
        return " ".join(self.values("Service", name)).split()

    @property
    def before(self) -> list[list[str]]:
        """Commands that root runs first (ExecStartPre=+...). Those of another user are not known here."""
        commands = self.values("Service", "ExecStartPre")
        if not all(command.startswith("+") for command in commands):
            raise ValueError(f"not as root: {commands}")
        return [shlex.split(command[1:]) for command in commands]

    @property
    def reload(self) -> list[str]:
        """The command of root that applies a changed configuration."""
        command = self.value("ExecReload")
        if not command.startswith("+"):
            raise ValueError(f"not as root: {command}")
        return shlex.split(command[1:])

    @property
    def command(self) -> list[str]:
        """The program with the user, the capabilities and the no_new_privs that the manager gives it."""
        capabilities = ",".join(f"+{_plain(each)}" for each in self.words("AmbientCapabilities"))
        bounding = ",".join(f"+{_plain(each)}" for each in self.words("CapabilityBoundingSet"))
        user = self.value("User")
        return [
            *("setpriv", "--reuid", user, "--regid", user, "--clear-groups"),
            *("--inh-caps", f"-all,{capabilities}", "--ambient-caps", f"-all,{capabilities}"),
            *("--bounding-set", f"-all,{bounding}"),
            *(["--no-new-privs"] if self.value("NoNewPrivileges") == "yes" else []),
            *("--", *shlex.split(self.value("ExecStart"))),
        ]

    @property
    def environment_files(self) -> list[Path]:
        """Files of variables; a leading `-` means that it need not be there."""
        return [Path(value.removeprefix("-")) for value in self.values("Service", "EnvironmentFile")]


def _plain(capability: str) -> str:
    return capability.removeprefix("CAP_").lower()
