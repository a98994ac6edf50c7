"""The door to pyroute2: nothing else imports it.

Importing the package runs its `__init__`, which loads every protocol that the library knows (NDB,
nftables, conntrack, WireGuard and more): 78 modules and 6 MiB that stay for ever. Entering it here
first as a bare package makes Python load only the modules that are named below.
"""

import sys
from importlib.util import find_spec, module_from_spec
from typing import Final

_PACKAGE: Final = "pyroute2"


def _enter_bare() -> None:
    spec = find_spec(_PACKAGE)
    if _PACKAGE in sys.modules or spec is None:
        return
    spec.loader = None
    sys.modules[_PACKAGE] = module_from_spec(spec)


_enter_bare()

from pyroute2.iproute.linux import AsyncIPRoute  # noqa: E402
from pyroute2.netlink.exceptions import NetlinkError  # noqa: E402

__all__ = ["AsyncIPRoute", "NetlinkError"]
