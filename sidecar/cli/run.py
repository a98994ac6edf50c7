"""`run`: the sidecar itself, in the foreground."""

import sys
from argparse import Namespace

from sidecar.cli import exit_codes, preflight
from sidecar.cli.configuration import read


def execute(arguments: Namespace) -> int:
    """Run the verb: nothing is touched before the configuration and the capabilities are right."""
    loaded = read(arguments.config)
    if loaded is None:
        return exit_codes.BROKEN
    lacking = preflight.missing((preflight.NET_ADMIN, preflight.NET_RAW))
    if lacking:
        sys.stderr.write(preflight.how_to_grant(lacking))
        return exit_codes.BROKEN
    # Mistakes above are told before the libraries of the daemon cost half a second.
    from sidecar.config.plan import plan_of  # noqa: PLC0415
    from sidecar.daemon import run  # noqa: PLC0415

    return run(plan_of(loaded))
