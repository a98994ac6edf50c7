"""Where to connect: endpoints, URLs and unix sockets, parsed from their spelling in the file."""

import re
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from pydantic_core import PydanticCustomError

from sidecar.config.mistake import quoted
from sidecar.config.values.spelling import legible, wrong
from sidecar.plan.endpoints import Endpoint, HttpUrl

MAX_SOCKET_PATH = 107
"""Bytes of a unix socket path that fit sockaddr_un with its final NUL (unix(7))."""

_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
_ENDPOINT = re.compile(r"(?:\[(?P<v6>[^\[\]]*)\]|(?P<host>[^:\[\]]*)):(?P<port>[0-9]{1,5})")
_URL = re.compile(r"http(?P<tls>s?)://(?P<authority>[^/?#]*)(?P<target>[^#]*)(?P<fragment>#?.*)")
_UNIX_URL = re.compile(r"unix:(?P<path>/[^:]*)(?::(?P<target>/.*))?")
_VISIBLE = re.compile(r"[!-~]*")
_MAX_PORT = 65535
_A_URL = "http://host:port/path, https://... or unix:/a.sock:/path"
_SWITCHES = frozenset({"true", "yes", "on", "false", "no", "off"})


def endpoint(value: object) -> Endpoint:
    """`host:port`, `[v6]:port`."""
    if isinstance(value, Endpoint):
        return value
    match = _ENDPOINT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise wrong("endpoint", f"{quoted(value)} is no host:port; write {_nearest(value)}")
    return _checked(match, value)


def _checked(match: re.Match[str], value: object) -> Endpoint:
    port = int(match["port"])
    if not 1 <= port <= _MAX_PORT:
        raise wrong("endpoint", f"port {port} is out of range; write 1 to {_MAX_PORT}")
    return Endpoint(_host(match["v6"], match["host"], value), port)


def _nearest(value: object) -> str:
    """The host:port that a text was meant to be, or an example of one."""
    text = legible(value).strip()
    if re.fullmatch(r":?[0-9]{1,5}", text):
        return f"127.0.0.1:{text.removeprefix(':')}"
    if among := _among(re.split(r"[\s,;]+", text)):
        return among
    host, _, port = text.rpartition(":")
    if _is_ipv6(host) and port.isdecimal():
        return f"[{host}]:{port}"
    if _is_ipv6(text):
        return f"[{text}]:80, or the port that it has"
    address = re.sub(r"^[a-z]+://|/.*$", "", text)
    if address != text and _ENDPOINT.fullmatch(address):
        return address
    name = re.sub(r":[a-z-]*$", "", address)
    if _HOST.fullmatch(name) and not text.startswith("unix:"):
        return f"{name}:80, or the port that it has"
    return "one such as 127.0.0.1:8088 or [::1]:8088"


def _among(words: list[str]) -> str:
    """The host:port in a line such as `server 10.0.0.1:80 weight=5;`, or of two words."""
    found = [word for word in words if _is_endpoint(word)]
    if len(found) == 1:
        weight = next(
            (word.partition("=")[2] for word in words if re.fullmatch(r"weight=[0-9]{1,3}", word)), ""
        )
        return f"{{address: {found[0]}, weight: {weight}}}" if weight else found[0]
    joined = ":".join(words)
    return joined if len(words) == 2 and _is_endpoint(joined) else ""  # noqa: PLR2004


def _is_endpoint(text: str) -> bool:
    match = _ENDPOINT.fullmatch(text)
    if match is None:
        return False
    try:
        _checked(match, text)
    except PydanticCustomError:
        return False
    return True


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
        zeros = re.sub(r"(?<![0-9])0+(?=[0-9])", "", host or "")
        mend = f"write {zeros}, without zeros in front" if zeros != (host or "") else "correct it"
        raise wrong(
            "endpoint", f"{quoted(v6 or host)} in {quoted(whole_text)} is no address; {mend}"
        ) from None
    if host in ("", "*"):
        port = str(whole_text).rpartition(":")[2]
        raise wrong(
            "endpoint",
            f"{quoted(whole_text)} has no host; write 127.0.0.1:{port}, or 0.0.0.0:{port} to listen on all",
        )
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
    if not isinstance(value, str):
        raise wrong("url", f"{quoted(value)} is no URL; write {_A_URL}")
    if value != value.strip() and (mended := _if_url(legible(value).strip())) != _A_URL:
        raise wrong("url", f"{quoted(value)} has white space around it; write {mended}")
    if not _VISIBLE.fullmatch(value):
        raise wrong("url", f"{quoted(value)} is no URL; percent-encode spaces and letters beyond ASCII")
    unix = _UNIX_URL.fullmatch(value)
    if unix:
        return HttpUrl(False, "localhost", 80, unix["target"] or "/", str(socket_path(unix["path"])))
    match = _URL.fullmatch(value)
    if match is None:
        raise wrong("url", f"{quoted(value)} is no URL; write {_nearest_url(legible(value))}")
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
    if text.startswith("/"):
        return f"unix:{text}:/ for a socket, or http://127.0.0.1{text}"
    if text.startswith(":"):
        return _if_url(f"http://127.0.0.1{text}")
    if text.startswith("unix:"):
        return _if_url(f"unix:/{text.removeprefix('unix:')}")
    scheme = re.match(r"(?i:(https?)(?::/*|/{1,3})|[a-z]+://)", text)
    if scheme:
        return _if_url(f"{(scheme[1] or 'http').lower()}://{text[scheme.end() :]}")
    where, _, path = text.partition("/")
    if where.lower() in _SWITCHES:
        return _A_URL
    return _if_url(f"http://{where}/{path}")


def _if_url(text: str) -> str:
    """The text if it is a URL, else how one looks."""
    if not (_UNIX_URL.fullmatch(text) or _URL.fullmatch(text)):
        return _A_URL
    try:
        http_url(text)
    except PydanticCustomError:
        return _A_URL
    return text


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
    text = legible(value)
    address = re.sub(r"^https?://", "", text).removesuffix("/")
    mend = "unix:///var/run/docker.sock or tcp://host:port"
    if text.startswith(("/", "unix:/")):
        mend = f"unix://{text.removeprefix('unix:')}"
    elif _ENDPOINT.fullmatch(address):
        mend = f"tcp://{address}"
    raise wrong("url", f"{quoted(value)} is no engine address; write {mend}")
