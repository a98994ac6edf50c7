"""Values of checks: how they are spelled in the file, and what they become."""

import pwd
import re
import warnings
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from sidecar.config.mistake import quoted
from sidecar.config.values.durations import seconds
from sidecar.config.values.endpoints import endpoint
from sidecar.config.values.scalars import text
from sidecar.config.values.spelling import legible, wrong
from sidecar.plan.check import Identity
from sidecar.plan.endpoints import Endpoint

_PERCENT = re.compile(r"([0-9]{1,2}|100)%?")
_DAYS = re.compile(r"([0-9]{1,5})d")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110 section 5.6.2."""
_VISIBLE = re.compile(r"[ -~]*")
_HOST_HEADER = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]{1,253})(?::[0-9]{1,5})?")
_SERVER_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")
_LABEL = re.compile(r"[!-~]{1,63}")
_UID = re.compile(r"([0-9]{1,9})(?::([0-9]{1,9}))?")
_MAX_PATH = 4095
_MAX_PATTERN = 1024
_MAX_NAME = 253
_DNS_PORT = 53
_MAX_HEADERS = 32
RESERVED_HEADERS: Final = frozenset({"host", "connection", "content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Jitter:
    """How much later than its time a run may start: a share of the period, or seconds."""

    share: float = 0.0
    seconds: float = 0.0

    def of(self, every: float) -> float:
        """The most seconds."""
        return self.share * every + self.seconds

    def __str__(self) -> str:
        return f"{self.seconds:g}s" if self.seconds else f"{self.share:.0%}"


def jitter(value: object) -> Jitter:
    """`5%` of the period, or a duration."""
    if isinstance(value, Jitter):
        return value
    if isinstance(value, str) and value.endswith("%"):
        return Jitter(share=percent(value) / 100)
    return Jitter(seconds=seconds(value))


def lifetime(value: object) -> float:
    """`14d` as seconds, or a duration."""
    match = _DAYS.fullmatch(value) if isinstance(value, str) else None
    return int(match[1]) * 86400.0 if match else seconds(value)


def percent(value: object) -> int:
    """`20%` or `20`."""
    if isinstance(value, int):
        return value
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        nearly = re.fullmatch(r"([0-9]{1,2}|100)(?:\.0*)? ?%", legible(value).strip())
        mend = f"{nearly[1]}%" if nearly else "a whole number from 0% to 100%, such as 20%"
        raise wrong("percent", f"{quoted(value)} is no percentage; write {mend}")
    return int(match[1])


def path(value: object) -> Path:
    """An absolute path."""
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value or len(value) > _MAX_PATH:
        raise wrong("path", f"{quoted(value)} is no absolute path; start it with /")
    return Path(value)


def pattern(value: object) -> str:
    """A regular expression of Python."""
    expression = text(value)
    if len(expression) > _MAX_PATTERN:
        raise wrong("regex", f"this pattern is longer than {_MAX_PATTERN} characters; shorten it")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice for some later Python
            re.compile(expression)
    except (re.error, OverflowError, RecursionError) as error:
        raise wrong("regex", f"{quoted(expression)} is no regular expression ({error}); correct it") from None
    return expression


def header_name(value: object) -> str:
    """A name of a header that a check may send."""
    name = text(value)
    if not _TOKEN.fullmatch(name):
        raise wrong("header", f"{quoted(name)} is no header name; write it as HTTP has it, such as X-Probe")
    if name.lower() in RESERVED_HEADERS:
        hint = "; use `host`" if name.lower() == "host" else "; remove it"
        raise wrong("header", f"the check itself sends {name}{hint}")
    return name


def header_value(value: object) -> str:
    """A value of a header. It may be a secret, so no message shows it."""
    if not isinstance(value, str) or not _VISIBLE.fullmatch(value):
        raise wrong("header", "this is no header value; write one line of ASCII text, in quotes")
    return value


def headers(value: object) -> dict[str, str]:
    """Further headers by name."""
    if not isinstance(value, dict):
        raise wrong("type", f"{quoted(value)} stands where a mapping belongs; write {{name: value}}")
    if len(value) > _MAX_HEADERS:
        raise wrong("header", f"these are {len(value)} headers; write {_MAX_HEADERS} at most")
    return {header_name(name): header_value(text) for name, text in value.items()}


def host_header(value: object) -> str:
    """`name`, `name:port`, `[v6]:port`."""
    if isinstance(value, str) and _HOST_HEADER.fullmatch(value):
        return value
    raise wrong("host", f"{quoted(value)} is no Host header; write a name such as www.example.org")


def server_name(value: object) -> str:
    """A host name for TLS."""
    if isinstance(value, str) and len(value) <= _MAX_NAME and _SERVER_NAME.fullmatch(value):
        return value
    raise wrong("host", f"{quoted(value)} is no host name; write one such as www.example.org")


def dns_name(value: object) -> str:
    """A name to ask for; a final dot is of no meaning."""
    name = text(value)
    labels = name.removesuffix(".").split(".")
    if len(name) > _MAX_NAME or (name != "." and not all(_LABEL.fullmatch(label) for label in labels)):
        raise wrong("dns-name", f"{quoted(name)} is no DNS name; write one such as www.example.org")
    return name.removesuffix(".") or "."


def dns_server(value: object) -> Endpoint:
    """An address, with a port unless that is 53."""
    if isinstance(value, Endpoint):
        return value
    try:
        return Endpoint(str(ip_address(value if isinstance(value, str) else "")), _DNS_PORT)
    except ValueError:
        pass
    try:
        where = endpoint(value)
        ip_address(where.host)
    except (ValueError, PydanticCustomError):
        message = f"{quoted(value)} is no address of a name server; write one such as 10.0.0.2 or 10.0.0.2:53"
        raise wrong("dns-server", message) from None
    return where


def ping_target(value: object) -> IPv4Address | IPv6Address:
    """An IP address; a link-local one names its interface: `fe80::1%eth0`."""
    if isinstance(value, IPv4Address | IPv6Address):
        return value
    try:
        address: IPv4Address | IPv6Address = ip_address(value if isinstance(value, str) else "")
    except ValueError:
        message = f"{quoted(value)} is no IP address; write one such as 10.77.0.11, without /prefix"
        raise wrong("address", message) from None
    return address


def identity(value: object) -> Identity:
    """`uid`, `uid:gid` or a name that this host knows."""
    if isinstance(value, Identity):
        return value
    name = text(value)
    match = _UID.fullmatch(name)
    if match:
        return Identity(int(match[1]), int(match[2] or match[1]))
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise wrong("user", f"there is no user {quoted(name)} here; write uid or uid:gid") from None
    return Identity(entry.pw_uid, entry.pw_gid)


Percent = Annotated[int, BeforeValidator(percent), "percent"]
Lifetime = Annotated[float, BeforeValidator(lifetime), "days"]
AbsolutePath = Annotated[Path, BeforeValidator(path), "absolute path"]
Pattern = Annotated[str, BeforeValidator(pattern), "regular expression"]
Headers = Annotated[dict[str, str], BeforeValidator(headers), "mapping of names to texts"]
HostHeader = Annotated[str, BeforeValidator(host_header), "host[:port]"]
ServerName = Annotated[str, BeforeValidator(server_name), "host name"]
DnsName = Annotated[str, BeforeValidator(dns_name), "name"]
DnsServer = Annotated[Endpoint, BeforeValidator(dns_server), "address[:port]"]
PingTarget = Annotated[IPv4Address | IPv6Address, BeforeValidator(ping_target), "address"]
User = Annotated[Identity, BeforeValidator(identity), "uid[:gid] or name"]
Spread = Annotated[Jitter, BeforeValidator(jitter), "percent or duration"]
