"""A host on which a page can be walked through: commands are typed into a real shell, on files of its own.

The host has a network, processes, a name, and its own view of the machine's files: whatever is written below
/etc, /var, /usr, /opt, /root or /run is gone with the host, and nothing else of the machine changes.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from sidecar import __version__
from tests.netns.namespace import Namespace
from tests.walk.page import ROOT

_OWN: Final = ("etc", "home", "opt", "root", "usr", "var")
_VIEW: Final = """
set -eu
mount -t tmpfs tmpfs /mnt
for each in "$@"; do
    mkdir -p "/mnt/$each/upper" "/mnt/$each/work"
    mount -t overlay -o "lowerdir=/$each,upperdir=/mnt/$each/upper,workdir=/mnt/$each/work" overlay "/$each"
done
mount -t tmpfs tmpfs /run
mkdir -p /run/lock
"""
_NAMED: Final = ["unshare", "--uts", "sh", "-c", 'hostname "$0"; exec "$@" 2>&1']
_SECONDS: Final = 60
_BIN: Final = ("/usr/local/bin", f"/opt/vip-sidecar-{__version__}/bin")
"""Where the command is: as in the image, and where docs/hosts.md installs it."""

Typed = Callable[[Sequence[str]], str]
"""What a command does that is no program here. It gets its words and returns what it prints."""


class CommandFailedError(AssertionError):
    """A command of a page ended with another exit code than 0."""


class Machine:
    """One host. Its folder is where commands are typed; it may be reached from outside.

    `typed` has words that stand for what does not run in a namespace, such as systemctl.
    """

    def __init__(self, stack: ExitStack, name: str, folder: Path, namespace: Namespace | None = None) -> None:
        self.name = name
        self.folder = folder
        self.typed: dict[str, Typed] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self.namespace = namespace or Namespace()
        if namespace is None:
            stack.callback(self.namespace.close)
        self.run("sh", "-c", _VIEW, "view", *_OWN)
        self.run("sh", "-c", _program(), "program")

    def run(self, *argv: str, **environment: str) -> str:
        """Run a program here to its end, and return what it printed. CommandFailedError has that, too."""
        process = self.namespace.spawn(
            [*_NAMED, self.name, "env", f"--chdir={self.folder}", *argv], subprocess.PIPE, **environment
        )
        assert process.stdout is not None
        with process.stdout as pipe:
            printed = pipe.read().decode()
        code = process.wait(_SECONDS)
        if code:
            raise CommandFailedError(f"{self.name}# {shlex.join(argv)}: exit {code}\n{printed}")
        return printed

    def type(self, line: str) -> str:
        """Type a line of a page. Return what it printed, errors included."""
        words = shlex.split(line, comments=True)
        if words[0] in self.typed:
            return self.typed[words[0]](words)
        return self.run("sh", "-c", line, PATH=f"/usr/local/bin:{os.environ['PATH']}")

    def argv(self, *argv: str) -> list[str]:
        """Return the command that runs a daemon here, in the folder / as usual, for a Service."""
        return [*_NAMED, self.name, "env", "--chdir=/", *argv]


def _program() -> str:
    """Install the command `vip-sidecar`, and let any user run it, as in the image and below /opt."""
    closed = {each for path in (sys.executable, sys.prefix, ROOT) for each in _above(Path(path))}
    inside = [str(path) for path in sorted(closed) if path.parts[1:2] and path.parts[1] in _OWN]
    command = f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m sidecar "$@"\n'
    lines = [
        *(f"chmod a+rx {shlex.quote(path)}" for path in inside),
        *(f"mkdir -p {folder}" for folder in _BIN),
        *(f"printf %s {shlex.quote(command)} >{folder}/vip-sidecar" for folder in _BIN),
        *(f"chmod 755 {folder}/vip-sidecar" for folder in _BIN),
    ]
    return "set -eu\n" + "\n".join(lines)


def _above(path: Path) -> set[Path]:
    real = path.resolve()
    return {*path.parents, *real.parents, *([real] if real.is_dir() else [])} - {Path("/")}
