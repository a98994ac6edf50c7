"""Where to connect: endpoints, URLs and unix sockets, parsed from their spelling in the file."""

import re
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from sidecar.config.mistake import quoted
from sidecar.config.values.spelling import wrong
from sidecar.plan.endpoints import Endpoint, HttpUrl

MAX_SOCKET_PATH = 107
"""Bytes of a unix socket path that fit sockaddr_un with its final NUL (unix(7))."""

_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
_ENDPOINT = re.compile(r"(?:\[(?P<v6>[^\[\]]*)\]|(?P<host>[^:\[\]]*)):(?P<port>[0-9]{1,5})")
_URL = re.compile(r"http(?P<tls>s?)://(?P<authority>[^/?#]*)(?P<target>[^#]*)(?P<fragment>#?.*)")
_UNIX_URL = re.compile(r"unix:(?P<path>/[^:]*)(?::(?P<target>/.*))?")
_VISIBLE = re.compile(r"[!-~]*")
_MAX_PORT = 65535


def endpoint(value: object) -> Endpoint:
    """`host:port`, `[v6]:port`."""
    if isinstance(value, Endpoint):
        return value
    match = _ENDPOINT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise wrong("endpoint", f"{quoted(value)} is no host:port; write {_nearest(value)}")
    port = int(match["port"])
    if not 1 <= port <= _MAX_PORT:
        raise wrong("endpoint", f"port {port} is out of range; write 1 to {_MAX_PORT}")
    return Endpoint(_host(match["v6"], match["host"], value), port)


def _nearest(value: object) -> str:
    """The host:port that a text was meant to be, or an example of one."""
    text = value if isinstance(value, str) else ""
    if re.fullmatch(r":?[0-9]{1,5}", text):
        return f"127.0.0.1:{text.removeprefix(':')}"
    host, _, port = text.rpartition(":")
    if _is_ipv6(host) and port.isdecimal():
        return f"[{host}]:{port}"
    if _is_ipv6(text):
        return f"[{text}]:80, or the port that it has"
    address = re.sub(r"^[a-z]+://|/.*$", "", text)
    if address != text and _ENDPOINT.fullmatch(address):
        return address
    if _HOST.fullmatch(address):
        return f"{address}:80, or the port that it has"
    return "one such as 127.0.0.1:8088 or [::1]:8088"


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _host(v6: str | None, host: str | None, whole_text: object) -> str:
    try:
        if v6 is not None:
            return str(IPv6Address(v6))
        if host and re.fullmatch(r"[0-9.]+", host):
            return str(IPv4Address(host))
    except ValueError:
        raise wrong(
            "endpoint", f"{quoted(v6 or host)} in {quoted(whole_text)} is no address; correct it"
        ) from None
    if not host or not _HOST.fullmatch(host):
        raise wrong(
            "endpoint", f"{quoted(whole_text)} has no valid host; write a name or an address before the port"
        )
    return host


def http_url(value: object) -> HttpUrl:
    """`http://host[:port]/path`, `https://...` or `unix:/path.sock:/path`."""
    if isinstance(value, HttpUrl):
        return value
    if isinstance(value, str) and re.fullmatch(r":?[0-9]{1,5}", value):
        raise wrong("url", f"{quoted(value)} is a port alone; write http://{_nearest(value)}/")
    if not isinstance(value, str) or not _VISIBLE.fullmatch(value):
        raise wrong("url", f"{quoted(value)} is no URL; percent-encode spaces and letters beyond ASCII")
    unix = _UNIX_URL.fullmatch(value)
    if unix:
        return HttpUrl(False, "localhost", 80, unix["target"] or "/", str(socket_path(unix["path"])))
    match = _URL.fullmatch(value)
    if match is None:
        raise wrong("url", f"{quoted(value)} is no URL; write {_nearest_url(value)}")
    authority, target = match["authority"], match["target"]
    if match["fragment"] or "@" in authority:
        raise wrong("url", f"{quoted(value)} has a user or a #fragment, which a check cannot send; remove it")
    port = 443 if match["tls"] else 80
    host, _, last = authority.rpartition(":")
    if _is_ipv6(host) and last.isdecimal():
        mended = value.replace(authority, f"[{host}]:{last}", 1)
        raise wrong("url", f"{quoted(value)} has an IPv6 address without brackets; write {mended}")
    # In a URL the percent sign before a zone is written %25 (RFC 6874 section 2).
    authority = authority.replace("%25", "%")
    has_port = re.search(r":[0-9]*$", authority) is not None and not authority.endswith("]")
    where = endpoint(authority if has_port else f"{authority}:{port}")
    return HttpUrl(bool(match["tls"]), where.host, where.port, target if target[:1] == "/" else f"/{target}")


def _nearest_url(text: str) -> str:
    """The URL that a text was meant to be, or how one looks."""
    where, _, path = text.partition("/")
    if "://" not in text and (_ENDPOINT.fullmatch(where) or _HOST.fullmatch(where)):
        return f"http://{where}/{path}"
    if text.startswith("/"):
        return f"unix:{text}:/ for a socket, or http://127.0.0.1{text}"
    return "http://host:port/path, https://... or unix:/a.sock:/path"


def socket_path(value: object) -> Path:
    """An absolute path that fits a unix socket address."""
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value:
        raise wrong("path", f"{quoted(value)} is no absolute path; start it with /")
    if len(value.encode(errors="replace")) > MAX_SOCKET_PATH:
        raise wrong(
            "path", f"{quoted(value)} is longer than {MAX_SOCKET_PATH} bytes, the kernel's limit; shorten it"
        )
    return Path(value)


def engine_url(value: object) -> str:
    """`unix:///path` or `tcp://host:port`."""
    if isinstance(value, str) and value.startswith("unix://"):
        socket_path(value.removeprefix("unix://"))
        return value
    if isinstance(value, str) and value.startswith("tcp://"):
        endpoint(value.removeprefix("tcp://"))
        return value
    text = value if isinstance(value, str) else ""
    address = re.sub(r"^https?://", "", text).removesuffix("/")
    mend = "unix:///var/run/docker.sock or tcp://host:port"
    if text.startswith("/"):
        mend = f"unix://{text}"
    elif _ENDPOINT.fullmatch(address):
        mend = f"tcp://{address}"
    raise wrong("url", f"{quoted(value)} is no engine address; write {mend}")
