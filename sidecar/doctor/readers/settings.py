"""Settings of the kernel (sysctl) that matter to a VIP."""

from collections.abc import Iterable

from sidecar.net.kernel.small_file import read_kernel_file

_OF_INTERFACES = (
    "net.ipv4.conf.{}.arp_ignore",
    "net.ipv4.conf.{}.rp_filter",
    "net.ipv6.conf.{}.disable_ipv6",
)
_OF_THE_HOST = ("net.ipv4.ip_nonlocal_bind", "net.ipv6.ip_nonlocal_bind")


def read_settings(devices: Iterable[str]) -> dict[str, int]:
    """Return the settings that are there, by their names. Needs no capability."""
    names = [*_OF_THE_HOST]
    for device in ("all", *devices):
        names += [name.format(device) for name in _OF_INTERFACES]
    found = {}
    for name in names:
        try:
            found[name] = int(read_kernel_file(f"/proc/sys/{_path(name)}"))
        except (OSError, ValueError):
            continue
    return found


def _path(name: str) -> str:
    """Return the file of a setting. The name of an interface may contain dots (VLANs)."""
    words = name.split(".")
    if words[2] != "conf":
        return "/".join(words)
    return "/".join((*words[:3], ".".join(words[3:-1]), words[-1]))
