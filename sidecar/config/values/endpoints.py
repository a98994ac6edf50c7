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
        raise wrong(
            "endpoint", f"{quoted(value)} is no host:port; write one such as 127.0.0.1:8088 or [::1]:8088"
        )
    port = int(match["port"])
    if not 1 <= port <= _MAX_PORT:
        raise wrong("endpoint", f"port {port} is out of range; write 1 to {_MAX_PORT}")
    return Endpoint(_host(match["v6"], match["host"], value), port)


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
    if not isinstance(value, str) or not _VISIBLE.fullmatch(value):
        raise wrong("url", f"{quoted(value)} is no URL; percent-encode spaces and letters beyond ASCII")
    unix = _UNIX_URL.fullmatch(value)
    if unix:
        return HttpUrl(False, "localhost", 80, unix["target"] or "/", str(socket_path(unix["path"])))
    match = _URL.fullmatch(value)
    if match is None:
        raise wrong(
            "url",
            f"{quoted(value)} is no URL; write http://host:port/path, https://... or unix:/a.sock:/path",
        )
    authority, target = match["authority"], match["target"]
    if match["fragment"] or "@" in authority:
        raise wrong("url", f"{quoted(value)} has a user or a #fragment, which a check cannot send; remove it")
    port = 443 if match["tls"] else 80
    has_port = re.search(r":[0-9]*$", authority) is not None and not authority.endswith("]")
    where = endpoint(authority if has_port else f"{authority}:{port}")
    return HttpUrl(bool(match["tls"]), where.host, where.port, target if target[:1] == "/" else f"/{target}")


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
    raise wrong(
        "url", f"{quoted(value)} is no engine address; write unix:///var/run/docker.sock or tcp://host:port"
    )
