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
from pyroute2.netlink.rtnl.marshal import MarshalRtnl  # noqa: E402
from pyroute2.netlink.rtnl.rtgenmsg import rtgenmsg  # noqa: E402

__all__ = ["AsyncIPRoute", "NetlinkError", "Notifications"]

_NEW_NETCONF: Final = 80


class _Netconf(rtgenmsg):  # type: ignore[misc]
    """Settings of an interface, which the library does not know. Only the attributes that we read."""

    nla_map = (("NETCONFA_UNSPEC", "none"), ("NETCONFA_IFINDEX", "int32"), ("NETCONFA_FORWARDING", "int32"))


class Notifications(MarshalRtnl):  # type: ignore[misc]
    """Parses what the kernel says unasked, the settings of interfaces included."""

    msg_map = MarshalRtnl.msg_map | {_NEW_NETCONF: _Netconf}
