"""OpenSSL, loaded for the first target that speaks TLS: it takes 6 MB, and most are asked in clear."""

import sys
import threading
from asyncio import base_events, selector_events, sslproto
from importlib import reload
from typing import TYPE_CHECKING, TypeGuard

if TYPE_CHECKING:
    import ssl

_loading = threading.Lock()


def load() -> None:
    """Load it, and let asyncio know of it."""
    import ssl  # noqa: PLC0415 - see above

    with _loading:
        if vars(sslproto)["ssl"] is None:
            # The observer loads asyncio without it (observer/libraries.py). No connection speaks TLS yet.
            reload(sslproto)
            vars(base_events)["ssl"] = vars(selector_events)["ssl"] = ssl


def is_error(error: BaseException) -> "TypeGuard[ssl.SSLError]":
    """Whether TLS has failed. No error is one of `ssl` before that is loaded."""
    ssl = sys.modules.get("ssl")
    return ssl is not None and isinstance(error, ssl.SSLError)


def is_distrust(error: BaseException) -> "TypeGuard[ssl.SSLCertVerificationError]":
    """Whether a certificate was not believed."""
    ssl = sys.modules.get("ssl")
    return ssl is not None and isinstance(error, ssl.SSLCertVerificationError)
