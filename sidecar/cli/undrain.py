"""`undrain`: let this host contend for its VIPs again."""

import json
import sys
from argparse import Namespace

from sidecar.cli import exit_codes
from sidecar.cli.control import Unreachable
from sidecar.cli.drain import command
from sidecar.cli.unreached import unreached


def execute(arguments: Namespace) -> int:
    """Run the verb."""
    try:
        outcome = command(arguments, "/undrain")
    except Unreachable as unreachable:
        return unreached(unreachable)
    if isinstance(outcome, int):
        return outcome
    sys.stdout.write(f"{json.dumps(outcome) if arguments.output == 'json' else outcome['why']}\n")
    return exit_codes.OK
