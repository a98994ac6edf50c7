"""Reading the configuration for a verb: all mistakes go to stderr."""

import os
import socket
import sys
from pathlib import Path

from sidecar.config.load import Loaded, load
from sidecar.config.mistake import ConfigError, Severity


def read(path: Path) -> Loaded | None:
    """Return the configuration, or None after saying everything that is wrong with it."""
    try:
        return load(path, os.environ, socket.gethostname())
    except ConfigError as error:
        errors = sum(mistake.severity is Severity.ERROR for mistake in error.mistakes)
        sys.stderr.writelines(f"{mistake}\n" for mistake in error.mistakes)
        sys.stderr.write(f"{errors} {'error' if errors == 1 else 'errors'} in {path}\n")
        return None
