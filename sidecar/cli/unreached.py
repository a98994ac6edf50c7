"""The message of every verb when no sidecar answers at the control socket."""

import sys
from typing import Final

from sidecar.cli import exit_codes
from sidecar.cli.control import Unreachable

HINT: Final = (
    "Is it running (`systemctl status vip-sidecar`, `docker compose ps`)? "
    "Just started, it answers in a moment. Name its socket with --socket or VIP_SIDECAR_SOCKET"
)


def unreached(unreachable: Unreachable, more: str = "") -> int:
    """Tell why no sidecar answers, and `more` that this verb knows. Return the exit code."""
    sys.stderr.write(f"{unreachable}\n{HINT}{more}.\n")
    return exit_codes.UNREACHABLE
