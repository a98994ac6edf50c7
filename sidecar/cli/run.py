"""`run`: the sidecar itself, in the foreground. This process becomes the router."""

import sys
from argparse import Namespace

from sidecar.cli import exit_codes, preflight


def execute(arguments: Namespace) -> int:
    """Run the verb: nothing is touched before the configuration and the capabilities are right."""
    # As late as possible, and both at a time: each of the two needs half a second to load what it needs.
    from sidecar.router.config_child import package_of  # noqa: PLC0415
    from sidecar.router.observer_process import start_early  # noqa: PLC0415

    early = start_early()
    package = package_of(str(arguments.config))
    code = exit_codes.OK
    if isinstance(package, int):
        code = package
    elif lacking := preflight.missing((preflight.NET_ADMIN, preflight.NET_RAW)):
        sys.stderr.write(preflight.how_to_grant(lacking))
        code = exit_codes.BROKEN
    else:
        from sidecar.router.start import start  # noqa: PLC0415

        return start(package, early)
    if early is not None:
        early.dismiss()
    return code
