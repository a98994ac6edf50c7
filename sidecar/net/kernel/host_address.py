"""The form in which a VIP is put on an interface: a host address, whatever prefix length the file says.

A /32 is never secondary to another address and none is secondary to it, so that adding and removing it
leaves the host's own addresses as they are. It brings no route. With the scope `host` the kernel does
not choose it as a source. An IPv6 VIP is a /128, which the kernel keeps apart in the same way.
"""

from contextlib import suppress
from ipaddress import ip_interface
from typing import Final

from sidecar.core.address import Vip
from sidecar.net.kernel.small_file import read_kernel_file

HOST_SCOPE: Final = 254  # RT_SCOPE_HOST
_GLOBAL: Final = 0
_IPV6: Final = 6
NO_HOST_SCOPE: Final = 3
"""Value of arp_ignore: no answers for addresses of scope host."""
_SETTINGS: Final = "/proc/sys/net/ipv4/conf"


def host_address(vip: Vip) -> Vip:
    """Return the VIP as it is in the kernel."""
    return ip_interface(vip.ip)


def scope(vip: Vip, interface: str) -> int:
    """Return the scope to add a VIP with. The kernel itself chooses that of an IPv6 address.

    `route_localnet` makes the kernel choose addresses of scope host as sources first, and with
    `arp_ignore=3` it answers for none of them: there the scope is global, in which a later address
    is chosen last.
    """
    if vip.version == _IPV6:
        return _GLOBAL
    if setting(interface, "route_localnet") or setting(interface, "arp_ignore") == NO_HOST_SCOPE:
        return _GLOBAL
    return HOST_SCOPE


def setting(interface: str, name: str) -> int:
    """Return the IPv4 setting that counts: the greater one of the interface's and of all. 0 if unknown."""
    return max(settings(interface, name).values(), default=0)


def settings(interface: str, name: str) -> dict[str, int]:
    """Return an IPv4 setting of all interfaces ("all") and of this one, as far as they are known."""
    found = {}
    for where in ("all", interface):
        with suppress(OSError, ValueError):
            found[where] = int(read_kernel_file(f"{_SETTINGS}/{where}/{name}"))
    return found


def has_secondaries(stray: Vip, interface: str) -> bool:
    """Whether the kernel may count addresses of the host as secondaries of this one, and remove them with it.

    Ours has a real prefix length if an older version has left it.
    """
    if stray.version == _IPV6 or stray.network.prefixlen == stray.max_prefixlen:
        return False
    return not setting(interface, "promote_secondaries")
