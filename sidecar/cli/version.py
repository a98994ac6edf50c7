"""`version`: which build this is."""

import os
import sys
from argparse import Namespace

from sidecar import __version__
from sidecar.cli import exit_codes


def execute(_arguments: Namespace) -> int:
    """Run the verb."""
    revision = os.environ.get("VIP_SIDECAR_REVISION")
    sys.stdout.write(f"vip-sidecar {__version__}" + (f" ({revision})\n" if revision else "\n"))
    return exit_codes.OK
