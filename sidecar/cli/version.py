"""`version`: which build this is."""

import json
import os
import sys
from argparse import Namespace

from sidecar import __version__
from sidecar.cli import exit_codes


def execute(arguments: Namespace) -> int:
    """Run the verb."""
    revision = os.environ.get("VIP_SIDECAR_REVISION") or None
    if arguments.output == "json":
        sys.stdout.write(json.dumps({"version": __version__, "revision": revision}) + "\n")
    else:
        sys.stdout.write(f"vip-sidecar {__version__}" + (f" ({revision})\n" if revision else "\n"))
    return exit_codes.OK
