"""How an interface is written in the file: by a name of it, or by an address or a network that it carries."""

import re
from ipaddress import ip_interface

from sidecar.config.mistake import quoted
from sidecar.config.values.spelling import wrong
from sidecar.core.interface_choice import Network, carried_network

_MAX_NAME = 127
"""Bytes of the longest alternative name (ALTIFNAMSIZ); the first name has 15 at most."""

_DOTTED = re.compile(r"[0-9]+(?:\.[0-9]+){3}")


def interface(value: object) -> str:
    """A name that the kernel may have for an interface, or an address or a network, as they are compared."""
    if not isinstance(value, str) or not value:
        raise wrong("type", f"{quoted(value)} is no interface; write its name, such as eth0")
    try:
        network = carried_network(value)
    except ValueError:
        raise _no_network(value) from None
    if network is None and _DOTTED.fullmatch(value):
        raise _no_network(value)
    if network is None:
        return _name(value)
    why = _unusable(network)
    if why:
        raise wrong("interface", f"{value} is {why}; write a name, or the network that the interface is in")
    return str(network.network_address if network.prefixlen == network.max_prefixlen else network)


def _no_network(value: str) -> Exception:
    try:
        known = ip_interface(value)
        mend = f"write {known.network}, or {known.ip} alone"
    except ValueError:
        mend = "write its name, or such a network"
    return wrong("interface", f"{quoted(value)} is no network such as 10.77.0.0/24; {mend}")


def _name(value: str) -> str:
    """A name (dev_valid_name: no `/`, `:` or space; 1 to 15 bytes, an alternative one more)."""
    label = re.fullmatch(r"([A-Za-z0-9_.-]{1,15}):[A-Za-z0-9_-]{1,15}", value)
    if label:
        raise wrong("interface", f"{quoted(value)} is the label of an address; write {label[1]}")
    peer = re.fullmatch(r"([A-Za-z0-9_.-]{1,15})@[A-Za-z0-9_.-]{1,15}:?", value)
    if peer:
        raise wrong(
            "interface", f"{quoted(value)} is how `ip` shows an interface and its peer; write {peer[1]}"
        )
    several = re.split(r"[,\s]+", value.strip(" ,"))
    if value != value.strip() and len(several) == 1:
        raise wrong("interface", f"{quoted(value)} has white space around it; write {several[0]}")
    if len(several) > 1 and all(re.fullmatch(r"[A-Za-z0-9_.-]{1,15}", each) for each in several):
        raise wrong(
            "interface",
            f"{quoted(value)} are several; write {several[0]}, and a virtual router for each other one",
        )
    if len(value.encode(errors="replace")) > _MAX_NAME or value in (".", "..") or re.search(r"[/:\s]", value):
        raise wrong(
            "interface",
            f"{quoted(value)} is no interface name; the kernel takes 127 characters without / : or space",
        )
    return str(value)


def _unusable(network: Network) -> str:
    """Why several interfaces, or none, carry such addresses; "" if one may."""
    if network.is_multicast:
        return "for multicast"
    if network.prefixlen == 0 or network.network_address.is_unspecified:
        return "every address"
    if network.is_loopback:
        return "a loopback address"
    if network.version == 6 and network.is_link_local:  # noqa: PLR2004
        return "on every link"
    return ""
