"""Hints for a text that is nearly an address: the line to write instead."""

import re
import unicodedata
from ipaddress import IPv4Network, ip_address, ip_interface, ip_network
from typing import Final

_BRACKETS: Final = re.compile(r"\[(?P<inside>[^\]]+)\](?P<rest>.*)")
_PORT: Final = re.compile(r"(?P<address>[0-9.]+(?:/[0-9]+)?):(?P<port>[0-9]+)")
_MASK: Final = re.compile(r"(?P<address>[^/]+)/(?P<mask>[0-9]+(?:\.[0-9]+){3})")
_LENGTH: Final = re.compile(r"(?P<address>[^/]+)/(?P<length>[0-9]+)")
_MASK_WORDS: Final = frozenset({"netmask", "mask", "prefix", "prefixlen"})
_URL: Final = re.compile(r"[a-z]+://\[?(?P<host>[0-9A-Fa-f.:]+?)\]?(?::[0-9]+)?(?:/.*)?")
_RANGE: Final = re.compile(r"[0-9.]+ ?- ?[0-9.]+")
_NAME: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?")
_IPV6: Final = 6
_IPV4_PARTS: Final = 4


def address_hint(text: str, *, prefix: bool) -> str:
    """Return what is wrong with a text, and what to write. `prefix`: whether /length may follow."""
    found = (
        _words(text, prefix=prefix)
        or _brackets(text, prefix=prefix)
        or _zeros(text)
        or _length(text, prefix=prefix)
        or _around(text, prefix=prefix)
        or _parts(text)
    )
    if found:
        return found
    port = _PORT.fullmatch(text)
    if port and _is_address(port["address"], prefix=prefix):
        return f"has a port, and VRRP has none; write {port['address']}"
    url = _URL.fullmatch(text)
    if url and _is_address(url["host"], prefix=False):
        return f"is a URL; write {url['host']}"
    if _RANGE.fullmatch(text):
        return "is a range; write each address"
    if _NAME.fullmatch(text):
        return f"is a name; write the address itself, such as {_example(text, prefix=prefix)}"
    what = "IP address with optional prefix length" if prefix else "IP address"
    tail = "" if prefix else ", without /prefix or zone"
    return f"is no {what}; write one such as {_example(text, prefix=prefix)}{tail}"


def _example(text: str, *, prefix: bool) -> str:
    if ":" in text:
        return "2001:db8::100/64" if prefix else "2001:db8::11"
    return "10.77.0.100/32" if prefix else "10.77.0.11"


def _is_address(text: str, *, prefix: bool) -> bool:
    try:
        if prefix:
            ip_interface(text)
        else:
            ip_address(text)
    except ValueError:
        return False
    return True


def _is_network(text: str) -> bool:
    try:
        found = ip_network(text)
    except ValueError:
        return False
    return found.prefixlen < found.max_prefixlen


def _words(text: str, *, prefix: bool) -> str:
    """`192.0.2.7/24 dev eth0 label eth0:1`, as `ip address` and keepalived have it."""
    first, *others = text.split() or [""]
    if not others or not _is_address(first, prefix=prefix):
        return ""
    if prefix and len(others) == 1 and (network := _network(first, others[0])):
        return f"has a space before its prefix length; write {network}"
    if prefix and len(others) > 1 and others[0].lower() in _MASK_WORDS:
        network = _network(first, others[1])
        if network:
            return f"has `{others[0]}` behind it; write {network}"
    where = ": the interface is `interface:` of the router" if "dev" in others else ""
    return f"has `{others[0]}` behind it{where}; write {first}"


def _network(address: str, length: str) -> str:
    """An address with the prefix length or network mask behind it, "" if that is none."""
    try:
        found = ip_interface(f"{address}/{length.removeprefix('/')}")
    except ValueError:
        return ""
    return f"{found.ip}/{found.network.prefixlen}"


def _around(text: str, *, prefix: bool) -> str:
    """White space inside of quotes, the end of a line of nginx or of a list, a slash or + too many."""
    mended = re.sub(r"^[\s,;]+|[\s,;/]+$", "", text).replace("\\", "/").replace("/+", "/")
    mended = unicodedata.normalize("NFKC", mended)
    if mended == text or not _is_address(mended, prefix=prefix):
        return ""
    return f"is nearly one; write {mended}"


def _parts(text: str) -> str:
    """`192.0.2`, `192.0.2.1.5`, `192.0.2.256`."""
    parts = text.partition("/")[0].split(".")
    if len(parts) == 1 or not all(part.isdecimal() for part in parts):
        return ""
    if len(parts) != _IPV4_PARTS:
        return f"has {len(parts)} numbers where IPv4 has {_IPV4_PARTS}; write the whole address"
    large = next((part for part in parts if len(part) > 3 or int(part) > 255), "")  # noqa: PLR2004
    return f"has {large} in it, and no number of an IPv4 address is above 255; correct it" if large else ""


def _brackets(text: str, *, prefix: bool) -> str:
    match = _BRACKETS.fullmatch(text)
    if match is None:
        return ""
    length = re.search(r"/[0-9]+", match["rest"])
    mended = match["inside"] + (length[0] if length and prefix else "")
    return (
        f"has brackets, which belong to ports; write {mended}" if _is_address(mended, prefix=prefix) else ""
    )


def _zeros(text: str) -> str:
    """`192.168.001.010`: some programs read that as octal."""
    mended = re.sub(r"(?<![0-9])0+(?=[0-9])", "", text)
    is_one = mended != text and "." in text and _is_address(mended, prefix=True)
    return f"has leading zeros, which some read as octal; write {mended}" if is_one else ""


def _length(text: str, *, prefix: bool) -> str:
    """A network mask, a prefix that is too long, or one where there can be none."""
    mask = _MASK.fullmatch(text)
    if mask and _is_address(mask["address"], prefix=False):
        try:
            length = IPv4Network(f"0.0.0.0/{mask['mask']}").prefixlen
        except ValueError:
            return f"has no network mask; write {mask['address']}/24, or what the network has"
        return f"has a network mask; write {mask['address']}" + (f"/{length}" if prefix else "")
    match = _LENGTH.fullmatch(text)
    if match is None or not _is_address(match["address"], prefix=False):
        return ""
    if not prefix:
        if _is_network(text):
            return "is a network; write the address of each host"
        return f"has a prefix length, and a host's address has none; write {match['address']}"
    most, usual = (128, 64) if ip_address(match["address"]).version == _IPV6 else (32, 24)
    family = "IPv6" if most > 32 else "IPv4"  # noqa: PLR2004
    return (
        f"has /{match['length']}, and {family} ends at /{most}; write {match['address']}/{usual}, or /{most}"
    )
