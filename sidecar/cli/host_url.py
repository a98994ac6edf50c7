"""`--host`: where the status server of another host is."""

from typing import Final
from urllib.parse import urlsplit

from sidecar.plan.endpoints import Endpoint

PORT: Final = 9650
"""Of the status server, where a URL names none."""


def host_url(text: str) -> Endpoint:
    """Return `http://10.77.0.12:9650` as an endpoint. Raises ValueError with a sentence."""
    try:
        parts = urlsplit(text)
        port = parts.port or PORT
    except ValueError:
        parts, port = urlsplit(""), PORT
    usable = parts.scheme == "http" and parts.hostname and parts.username is None and text.isprintable()
    if not usable or parts.path not in ("", "/") or parts.query or parts.fragment or " " in text:
        raise ValueError(
            f"{text!r} is no status server; write http://10.77.0.12:{PORT}, as in its `http.listen`"
        )
    return Endpoint(str(parts.hostname), port)
