"""The script of a `vrrp_script`: recognised, read, or run as it is."""

import posixpath
from dataclasses import dataclass, field
from typing import Final

from sidecar.migrate.command import command, shell_text, split
from sidecar.migrate.command_line import command_line
from sidecar.migrate.draft import Draft
from sidecar.migrate.entries import Plain
from sidecar.migrate.fact import BEHIND
from sidecar.migrate.files import USUAL, Files
from sidecar.migrate.finding import Findings
from sidecar.migrate.probe import Probe
from sidecar.migrate.rules_instance import NO_USER, SCRIPT
from sidecar.migrate.script_text import Script, is_script, script
from sidecar.migrate.tree import Statement

INSTALLED: Final = ("/bin", "/sbin", "/usr/bin", "/usr/sbin")
"""Where programs of packages are, which are not copied."""


@dataclass(slots=True)
class Scripts:
    """Reads scripts, and remembers what goes with them."""

    global_defs: Draft
    files: Files
    findings: Findings
    copies: dict[str, str] = field(default_factory=dict)
    """Programs that have to be copied beside the configuration: path there to path here."""
    stopping: set[str] = field(default_factory=set)
    """Scripts that stop keepalived when they fail: required, whatever their weight."""

    def probe(self, draft: Draft) -> Probe | None:
        """Return the check that asks what the script of a `vrrp_script` asks; None if it names none."""
        statement = draft.said.get("script")
        if statement is None or not statement.values:
            self.findings.decide(draft.opening, "it names no script; write `script PATH`")
            return None
        text = self._text(statement)
        found = command(text)
        if found is not None:
            self._recognised(statement, found, "")
            return found
        here = script(text if (inside := shell_text(text)) is None else inside)
        if here is not None:
            self._recognised(statement, here.probe, "")
            self._besides(draft, statement, here)
            return here.probe
        argv = split(text) or []
        path = next((word for word in argv if word.startswith("/") and not _is_shell(word)), "")
        content = self.files.read(path) if path else None
        read = script(content) if content is not None and is_script(path, content) else None
        if read is not None:
            self._recognised(statement, read.probe, f" (read in {path})")
            self._besides(draft, statement, read)
            return read.probe
        return self._program(draft, statement, text, argv, content)

    def _text(self, statement: Statement) -> str:
        """Return the command line of a script, as it seems to be meant."""
        line = command_line(statement)
        if not line.after:
            return line.text
        if line.after[0].text in SCRIPT:
            self.findings.decide(line.after[0], BEHIND)
            return line.text
        if line.quoted:
            self.findings.dropped(line.after[0], "keepalived does not pass on what follows a quoted text")
            return line.text
        self.findings.decide(
            line.after[0],
            "keepalived does not pass it on unless it is quoted together with the path; here it is passed on",
        )
        return " ".join([line.text, *(word.text for word in line.after)])

    def _recognised(self, statement: Statement, probe: Probe, where: str) -> None:
        said = f"{probe.kind}: {_plain(probe.value)}{where}"
        if probe.caveats:
            self.findings.approximated(statement, f"{said}; {'; '.join(probe.caveats)}")
        else:
            self.findings.mapped(statement, said)

    def _besides(self, draft: Draft, statement: Statement, read: Script) -> None:
        if read.starts:
            self.findings.decide(
                statement,
                "the script also starts the service: give that to systemd (Restart=) or Docker (restart:), "
                "which do it at once",
            )
        if read.stops:
            self.stopping.add(draft.name)
            self.findings.approximated(
                statement, "it stops keepalived; here a failed check lets go of the VIP"
            )
            if "weight" in draft.said:
                self.findings.approximated(
                    draft.said["weight"], "left out: the script stopped keepalived, whatever its weight"
                )

    def _program(
        self, draft: Draft, statement: Statement, text: str, argv: list[str], content: str | None
    ) -> Probe | None:
        """Run what was not recognised."""
        keys: dict[str, Plain] = {}
        simple = bool(argv) and argv[0].startswith("/") and not any(mark in text for mark in "|&;<>$`*?")
        program: list[str] = argv if simple else ["/bin/sh", "-c", text]
        if "user" in draft.said or "script_user" in self.global_defs.said:
            user = draft.said.get("user") or self.global_defs.said["script_user"]
            self.findings.dropped(user, NO_USER)
        hint = _to_be_read(argv[0]) if content is None and argv else ""
        if simple and posixpath.dirname(argv[0]) not in INSTALLED:
            copy = f"/etc/vip-sidecar/{posixpath.basename(argv[0])}"
            self.copies[argv[0]] = copy
            program = [copy, *argv[1:]]
            mend = f"copy {argv[0]} beside the configuration and see that all it calls is in the image{hint}"
        else:
            mend = "see that all it calls is in the image"
        better = (
            "nginx -t reads the configuration and asks nothing of the running nginx: "
            if "nginx -t" in text
            else ""
        )
        self.findings.decide(
            statement, f"{better}not recognised as a check of its own kind, so it is run as a program: {mend}"
        )
        return Probe("exec", tuple(program), keys)


def _to_be_read(path: str) -> str:
    """Return how to have a script read that is not here."""
    if path.startswith(USUAL):
        return f" (or, to have it read: put {path} beside its keepalived.conf here, and import again)"
    return f" (or name with --root the folder that {path} is in)"


def _is_shell(path: str) -> bool:
    return posixpath.basename(path) in ("sh", "bash", "dash", "env", "sudo", "timeout")


def _plain(value: Plain) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
