"""Reading the configuration for a verb: all mistakes go to stderr."""

import os
import socket
import sys
from pathlib import Path

from sidecar.config.env_file import read_env_file
from sidecar.config.example import EXAMPLE
from sidecar.config.load import Loaded, load
from sidecar.config.mistake import ConfigError, Mistake, Severity


def read(path: Path, env_file: Path | None = None, *, asks: bool = True) -> Loaded | None:
    """Return the configuration, or None after saying everything that is wrong with it.

    Variables of `env_file` come before those of the environment. `asks`: the verb has this option.
    """
    try:
        environ = os.environ | (read_env_file(env_file, os.environ) if env_file is not None else {})
        return load(path, environ, socket.gethostname())
    except ConfigError as error:
        sys.stderr.write(said(error.mistakes, path, asks=asks and env_file is None))
        return None


def said(mistakes: tuple[Mistake, ...], path: Path, *, asks: bool = False) -> str:
    """Return a line for each mistake and their number. An empty file gets something to begin with.

    `asks`: the variables were those of the environment, and may be in a file that nobody named.
    """
    errors = [mistake for mistake in mistakes if mistake.severity is Severity.ERROR]
    file = errors[0].file if errors else path  # the file of variables has its own
    lines = [*map(str, mistakes), f"{len(errors)} {'error' if len(errors) == 1 else 'errors'} in {file}"]
    if asks and any(mistake.code == "variable" for mistake in mistakes):
        lines.append(f"Variables that are in a file: --env-file {_variables_beside(path)}")
    if any(mistake.code == "empty" for mistake in mistakes):
        lines += ["For example:", "", EXAMPLE.rstrip("\n")]
    return "\n".join(lines) + "\n"


def _variables_beside(path: Path) -> Path | str:
    """Return the file in which a host may have its variables: `env` of the unit, `.env` of compose."""
    names = (path.with_name("env"), path.with_name(".env"), path.parent.parent / ".env")
    return next((name for name in names if name.is_file()), "FILE")
