"""How scalar values are spelled in the file, and what they become.

Every parser takes what the document holds (str, int, bool, list, dict) or the finished value, and
raises PydanticCustomError, whose type is the code of the mistake and whose text says how to mend it.
The last word of each Annotated type names the spelling in the reference.
"""

import re
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv6Address,
    IPv6Interface,
    ip_address,
    ip_interface,
)
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, SecretBytes

from sidecar.config.mistake import Bare, quoted
from sidecar.config.values.address_hints import address_hint
from sidecar.config.values.durations import seconds
from sidecar.config.values.endpoints import (
    endpoint,
    engine_url,
    http_url,
    socket_path,
)
from sidecar.config.values.host_kind import edge, unusable
from sidecar.config.values.interface import interface
from sidecar.config.values.key_file import (
    KeyFile,
    key_file,
)
from sidecar.config.values.node_url import node_url
from sidecar.config.values.spelling import legible, wrong
from sidecar.plan.endpoints import Endpoint, HttpUrl

A = TypeVar("A", IPv4Address | IPv6Address, IPv4Interface | IPv6Interface)

_YES = frozenset({"true", "yes", "on", "y", "1"})
_NO = frozenset({"false", "no", "off", "n", "0"})
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_STATUS = re.compile(r"([1-5][0-9]{2})(?:-([1-5][0-9]{2}))?")
_VIP = re.compile(r"[^/]+(?:/[0-9]{1,3})?")


def whole(value: object) -> int:
    """A whole number, quoted or not."""
    if isinstance(value, int):
        return value
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    nearest = _nearest_whole(legible(value))
    mend = f"write {nearest}" if nearest else "write digits alone"
    raise wrong("type", f"{quoted(value)} is no whole number; {mend}", of_field=not nearest)


def _nearest_whole(text: str) -> str:
    """The number that a text was meant to be: `51.0`, `+3`, `1_000`, `051`, `0x33`, `51;`, also in quotes."""
    word = text.strip(" \t\"'").removesuffix(";").removeprefix("+")
    if re.fullmatch(r"-?[0-9]{1,9}(?:\.0*)?", word):
        return str(int(word.partition(".")[0]))
    if re.fullmatch(r"[1-9][0-9]{0,8}(?:_[0-9]{1,8})+|0[xX][0-9a-fA-F]{1,8}|0[oO][0-7]{1,8}", word):
        return str(int(word, 0))
    return ""


def flag(value: object) -> bool:
    """Exactly true or false, quoted or not."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    word = value.lower() if isinstance(value, str) else ""
    mend = "true" if word in _YES else "false" if word in _NO else "one of the two, in small letters"
    raise wrong("type", f"{quoted(value)} is neither true nor false; write {mend}")


def text(value: object) -> str:
    """A non-empty text, letter by letter as it was written."""
    if isinstance(value, str) and value:
        return str(value) if isinstance(value, Bare) else value
    raise wrong("type", f"{quoted(value)} is no text; put it in quotes if it is meant as one")


def host_address(value: object) -> IPv4Address | IPv6Address:
    """An IP address without prefix, zone or port."""
    if isinstance(value, IPv4Address | IPv6Address):
        return value
    try:
        address = ip_address(value) if isinstance(value, str) else None
    except ValueError:
        address = None
    if address is None:
        hint = address_hint(legible(value), prefix=False)
        raise wrong("address", f"{quoted(value)} {hint}")
    return _without_zone(address)


def vip(value: object) -> IPv4Interface | IPv6Interface:
    """An IP address that a host can have, with an optional prefix length; /32 or /128 without."""
    if isinstance(value, IPv4Interface | IPv6Interface):
        return value
    try:
        interface = ip_interface(value) if isinstance(value, str) and _VIP.fullmatch(value) else None
    except ValueError:
        interface = None
    if interface is None:
        hint = address_hint(legible(value), prefix=True)
        raise wrong("address", f"{quoted(value)} {hint}")
    why = unusable(_without_zone(interface).ip) or edge(interface)
    if why:
        raise wrong("vip-kind", f"{interface.ip} is {why}; write an address that a host can have")
    return interface


def _without_zone(address: A) -> A:
    """The address; an IPv6 zone is refused (IPv6Interface is an IPv6Address, too)."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise wrong(
            "address",
            f"{quoted(str(address))} has a zone; remove %{address.scope_id}: `interface` is enough",
        )
    return address


def password(value: object) -> SecretBytes:
    """The password of VRRP version 2 as bytes; no message shows it."""
    if isinstance(value, SecretBytes):
        return value
    try:
        # what is no UTF-8 in the environment comes as escapes, and goes on the wire as it was
        secret = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else b""
    except UnicodeEncodeError:
        secret = b""
    if not secret or b"\0" in secret:
        raise wrong("password", "this is no password; write a text of 1 to 8 bytes without NUL, in quotes")
    return SecretBytes(secret)


def status_ranges(value: object) -> tuple[tuple[int, int], ...]:
    """`200`, `200-399`, `"200,301-302"` or a list of these, as inclusive ranges."""
    if isinstance(value, tuple):
        return value
    if isinstance(value, list) and value:
        return tuple(part for item in value for part in status_ranges(item))
    ranges = [_status_range(part.strip()) for part in value.split(",")] if isinstance(value, str) else []
    if not ranges:
        raise wrong("status", f"{quoted(value)} is no status; write 200, 200-399 or a list of these")
    return tuple(ranges)


def _nearest_status(text: str) -> str:
    """The ranges that a text was meant to be: `2xx`, `200..399`, `200 301`."""
    mended = re.sub(r"(?<!\w)([1-5])[xX*]{2}(?!\w)", r"\g<1>00-\g<1>99", text)
    mended = re.sub(r"(?<=[0-9]) ?(?:\.{2,3}|:|[\u2012-\u2015]) ?(?=[1-5])", "-", mended)
    mended = re.sub(r"\b(?:[,;| ]|or|and)+\b", ",", mended)
    parts = mended.split(",")
    if mended == text or not all(_STATUS.fullmatch(part) for part in parts):
        return ""
    return mended if len(parts) == 1 else f'"{mended}"'


def _status_range(part: str) -> tuple[int, int]:
    match = _STATUS.fullmatch(part)
    if match is None:
        mend = _nearest_status(legible(part)) or "200, 200-399 or a list of these"
        raise wrong("status", f"{quoted(part)} is no status from 100 to 599; write {mend}")
    low, high = int(match[1]), int(match[2] or match[1])
    if low > high:
        raise wrong("status", f"{low}-{high} is empty; write {high}-{low}")
    return low, high


Whole = Annotated[int, BeforeValidator(whole), "whole number"]
Flag = Annotated[bool, BeforeValidator(flag), "true or false"]
Text = Annotated[str, BeforeValidator(text), "text"]
Seconds = Annotated[float, BeforeValidator(seconds), "duration"]
HostAddress = Annotated[IPv4Address | IPv6Address, BeforeValidator(host_address), "address"]
VipInterface = Annotated[IPv4Interface | IPv6Interface, BeforeValidator(vip), "address[/prefix]"]
Interface = Annotated[str, BeforeValidator(interface), "interface"]
TcpEndpoint = Annotated[Endpoint, BeforeValidator(endpoint), "host:port"]
Url = Annotated[HttpUrl, BeforeValidator(http_url), "URL"]
NodeUrl = Annotated[Endpoint, BeforeValidator(node_url), "URL"]
EngineUrl = Annotated[str, BeforeValidator(engine_url), "URL"]
StatusRanges = Annotated[tuple[tuple[int, int], ...], BeforeValidator(status_ranges), "status ranges"]
UnixPath = Annotated[Path, BeforeValidator(socket_path), "absolute path"]
Password = Annotated[SecretBytes, BeforeValidator(password), "text"]
Key = Annotated[KeyFile, BeforeValidator(key_file), "absolute path"]
