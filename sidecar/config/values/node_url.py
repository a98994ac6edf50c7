"""Where the status of another host is read: `http://host:port`, as an endpoint."""

from contextlib import suppress

from pydantic_core import PydanticCustomError

from sidecar.config.mistake import quoted
from sidecar.config.values.endpoints import endpoint, http_url
from sidecar.config.values.spelling import legible, wrong
from sidecar.plan.endpoints import Endpoint

_TARGETS = ("/", "/status.json")
_PORT = 9650
"""The port of `http.listen` by default."""
_HTTPS = 443


def node_url(value: object) -> Endpoint:
    """`http://host:port`: the status server of a sidecar speaks HTTP without TLS."""
    if isinstance(value, Endpoint):
        return value
    text = legible(value)
    if text and "://" not in text and (where := with_port(text)):
        raise wrong("url", f"{quoted(value)} is no URL; write http://{where}")
    url = http_url(value)
    host = f"[{url.host}]" if ":" in url.host else url.host
    if url.unix_socket is not None or url.tls:
        what = "a socket of this host" if url.unix_socket is not None else "https"
        port = _PORT if url.unix_socket is not None or url.port == _HTTPS else url.port
        name = "host" if url.unix_socket is not None else host
        raise wrong(
            "node-url", f"{quoted(value)} is {what}; write http://{name}:{port}, as in its `http.listen`"
        )
    if url.target not in _TARGETS:
        raise wrong("node-url", f"{quoted(value)} has a path; write http://{host}:{url.port} alone")
    return Endpoint(url.host, url.port)


def with_port(text: str) -> str:
    """The host:port of a host that was written without `http://`, and maybe without its port."""
    for where in (text, f"{text}:{_PORT}", f"[{text}]:{_PORT}"):
        with suppress(PydanticCustomError):
            endpoint(where)
            return where
    return ""
