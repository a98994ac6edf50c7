"""A program of the operator's that needs what we have: our user and our environment."""

import os
from collections.abc import Sequence
from typing import NoReturn

from sidecar.programs.watcher import watch


def run(descriptors: Sequence[int], argv: Sequence[str]) -> NoReturn:
    """Run it under a watcher. Descriptors: output and news."""
    watch(argv[0], argv, descriptors[1], os.getppid())
