"""A start that is refused."""

import sys


def cannot_start(why: str) -> int:
    """Say why. Return the exit status, 2."""
    sys.stderr.write(f"cannot start: {why}\n")
    return 2
