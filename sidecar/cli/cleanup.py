"""`cleanup`: remove the VIPs that carry our mark and whose sidecar is dead."""

import sys
from argparse import Namespace

from sidecar.cli import exit_codes, preflight
from sidecar.cli.configuration import read


def execute(arguments: Namespace) -> int:
    """Run the verb. It succeeds when there is nothing to remove."""
    loaded = read(arguments.config)
    if loaded is None:
        return exit_codes.BROKEN
    lacking = preflight.missing((preflight.NET_ADMIN,))
    if lacking:
        sys.stderr.write(preflight.how_to_grant(lacking))
        return exit_codes.BROKEN
    from sidecar.net.sweep import sweep  # noqa: PLC0415 - netlink is imported only when it is used

    try:
        removed = sweep(loaded.config)
    except OSError as error:
        sys.stderr.write(f"cannot remove the VIPs: {error}\n")
        return exit_codes.BROKEN
    sys.stdout.writelines(f"removed {address}\n" for address in removed)
    if not removed:
        sys.stdout.write("nothing to remove\n")
    return exit_codes.OK
