"""From the plan to a router at work, with no more privileges than that needs."""

import sys

from sidecar import memory_lock, privileges
from sidecar.channel.malformed import Malformed
from sidecar.channel.package import Package
from sidecar.channel.parameters import NODE_PARAMS
from sidecar.router.handed import Handed
from sidecar.router.icmp_sockets import IcmpSockets
from sidecar.router.observer_process import Early, Starter
from sidecar.router.shell import RouterShell

_BROKEN = 2


def start(package: Package, file: str, early: Early | None, starter: Starter) -> int:
    """Give up every privilege but two capabilities, and be the router. Return the exit status.

    `package` is what `file` means, which is read again for a reload. `early` is the first observer, if it was
    started before; the next ones are started by `starter`.
    """
    memory_lock.lock()  # IPC_LOCK is given up with the others
    try:
        privileges.keep(privileges.NETWORK)
        params = NODE_PARAMS.decode(package.node)
    except (OSError, Malformed) as error:
        if early is not None:
            early.dismiss()
        sys.stderr.write(f"cannot start: {error}\n")
        return _BROKEN
    handed = Handed(package.observer, params.checks, IcmpSockets(package.ipv4, package.ipv6), early)
    return RouterShell(params, handed, starter, file, package).run()
