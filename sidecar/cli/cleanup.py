"""`cleanup`: remove the VIPs that carry our mark and whose sidecar is dead."""

import json
import sys
from argparse import Namespace

from sidecar.cli import exit_codes, preflight
from sidecar.cli.configuration import read


def execute(arguments: Namespace) -> int:
    """Run the verb. It succeeds when there is nothing to remove."""
    loaded = read(arguments.config, arguments.env_file)
    if loaded is None:
        return exit_codes.BROKEN
    lacking = preflight.missing((preflight.NET_ADMIN,))
    if lacking:
        sys.stderr.write(preflight.how_to_grant(lacking))
        return exit_codes.BROKEN
    # Netlink is imported only when it is used.
    from sidecar.config.params import node_params  # noqa: PLC0415
    from sidecar.net.addresses.sweep import sweep  # noqa: PLC0415
    from sidecar.net.router_lock import Held, RouterLocks  # noqa: PLC0415

    locks = RouterLocks()
    try:
        routers = node_params(loaded.config).routers
        locks.acquire(routers, lambda _: None)
        removed = sweep(routers)
    except Held as held:
        return _failed(arguments, f"nothing was removed: {held}")
    except OSError as error:
        return _failed(arguments, f"cannot remove the VIPs: {error}")
    finally:
        locks.close()
    if arguments.output == "json":
        sys.stdout.write(json.dumps({"removed": removed, "why": ""}) + "\n")
    else:
        sys.stdout.writelines(f"removed {address}\n" for address in removed)
        sys.stdout.write("" if removed else "nothing to remove\n")
    return exit_codes.OK


def _failed(arguments: Namespace, why: str) -> int:
    if arguments.output == "json":
        sys.stdout.write(json.dumps({"removed": [], "why": why}) + "\n")
    else:
        sys.stderr.write(f"{why}\n")
    return exit_codes.BROKEN
