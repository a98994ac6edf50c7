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
    # Netlink is imported only when it is used.
    from sidecar.config.params import node_params  # noqa: PLC0415
    from sidecar.net.router_lock import Held, RouterLocks  # noqa: PLC0415
    from sidecar.net.sweep import sweep  # noqa: PLC0415

    locks = RouterLocks()
    try:
        routers = node_params(loaded.config).routers
        locks.acquire(routers, lambda _: None)
        removed = sweep(routers)
    except Held as held:
        sys.stderr.write(f"nothing was removed: {held}\n")
        return exit_codes.BROKEN
    except OSError as error:
        sys.stderr.write(f"cannot remove the VIPs: {error}\n")
        return exit_codes.BROKEN
    finally:
        locks.close()
    sys.stdout.writelines(f"removed {address}\n" for address in removed)
    if not removed:
        sys.stdout.write("nothing to remove\n")
    return exit_codes.OK
