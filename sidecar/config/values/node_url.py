"""Where the status of another host is read: `http://host:port`, as an endpoint."""

from sidecar.config.mistake import quoted
from sidecar.config.values.endpoints import http_url
from sidecar.config.values.spelling import wrong
from sidecar.plan.endpoints import Endpoint

_TARGETS = ("/", "/status.json")


def node_url(value: object) -> Endpoint:
    """`http://host:port`: the status server of a sidecar speaks HTTP without TLS."""
    if isinstance(value, Endpoint):
        return value
    url = http_url(value)
    host = f"[{url.host}]" if ":" in url.host else url.host
    if url.unix_socket is not None or url.tls:
        what = "a socket of this host" if url.unix_socket is not None else "https"
        raise wrong("node-url", f"{quoted(value)} is {what}; write http://host:9650, as in its `http.listen`")
    if url.target not in _TARGETS:
        raise wrong("node-url", f"{quoted(value)} has a path; write http://{host}:{url.port} alone")
    return Endpoint(url.host, url.port)
