"""An interface that is a part of another one, which takes whatever arrives there."""

import socket
from typing import Final

from sidecar.net.kernel.link import Link

_PARTS: Final = {
    "bridge": "a port of the bridge",
    "openvswitch": "a port of the switch",
    "bond": "a member of the bond",
    "team": "a member of the team",
}
"""By the kind of the other one. A VRF takes packets, too, and gives them to sockets of the interface."""


def why_deaf(link: Link) -> str:
    """Return why no packet for this host arrives at an interface, "" if one may. Sending still works."""
    part = _PARTS.get(link.port_kind)
    if part is None:
        return ""
    try:
        whole = socket.if_indextoname(link.master)
    except OSError:
        return ""  # it has just gone, which is told next
    return (
        f"it is {part} {whole}, which takes whatever arrives: write `interface: {whole}`, "
        "where the addresses of this host belong, too"
    )
