"""Why an interface can have no IPv6 address at all, and what mends it."""

from typing import Final

from sidecar.net.kernel.link import Link
from sidecar.net.kernel.small_file import read_kernel_file
from sidecar.setting_name import setting_name

LEAST_MTU: Final = 1280
"""Bytes of the least MTU with which the kernel leaves IPv6 on an interface (RFC 8200 section 5)."""
_SETTINGS: Final = "/proc/sys/net/ipv6/conf"


def why_no_ipv6(link: Link, settings: str = _SETTINGS) -> str:
    """Return it as a clause about the interface, "" if it can have one. `settings`: the kernel's folder."""
    if 0 < link.mtu < LEAST_MTU:
        raising = f"`ip link set {link.name} mtu {LEAST_MTU}`"
        return f"its MTU is {link.mtu} and IPv6 needs {LEAST_MTU}: {raising}"
    try:
        disabled = int(read_kernel_file(f"{settings}/{link.name}/disable_ipv6"))
    except FileNotFoundError:
        return "" if link.ipv6 else "the kernel of this host has IPv6 switched off (`ipv6.disable=1`?)"
    except (OSError, ValueError):
        return ""
    if not disabled:
        return ""
    name = setting_name(link.name, "disable_ipv6", 6)
    return f"IPv6 is switched off there: `sysctl -w {name}=0` (of a container: `sysctls` of compose)"
