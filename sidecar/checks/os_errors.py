"""From an operating system error to a finding: whose fault it is, and how sure that is."""

import errno
import os
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sidecar.checks.http import openssl
from sidecar.checks.probe import Finding
from sidecar.core.health.result import Outcome

if TYPE_CHECKING:
    import ssl

_SAID_NO: Final = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.EPIPE: "connection closed while asking",
    errno.ENOENT: "no such socket",
}
_OURS: Final = frozenset(
    {
        errno.EACCES,
        errno.EADDRNOTAVAIL,
        errno.EAFNOSUPPORT,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
        errno.EPERM,
    }
)
_UNREACHED: Final = frozenset(
    {
        errno.EADDRNOTAVAIL,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENODEV,
        errno.ENXIO,
        errno.ETIMEDOUT,
    }
)


def unconnected(error: OSError, host: str) -> Finding:
    """Return what it means that no connection to `host` opened."""
    if isinstance(error, socket.gaierror):
        return Finding(Outcome.FAIL, f"name lookup of {host}: {error.strerror}")
    if isinstance(error, TimeoutError):
        # The kernel gave up (ETIMEDOUT); the deadline of a check cancels instead of raising here.
        return Finding(Outcome.TIMEOUT, "no answer: not connected")
    return finding(error)


def finding(error: OSError) -> Finding:
    """Return what `error` means for the target. A fault of this host is ERROR: the check could not run."""
    if openssl.is_error(error):
        return Finding(Outcome.FAIL, _of_tls(error))  # its number is none of the system
    code = error.errno
    if code in _SAID_NO:
        return Finding(Outcome.FAIL, _SAID_NO[code], certain=True)
    if code is None and isinstance(error, ConnectionError):
        # How asyncio says that the end of the connection came before that of the TLS handshake.
        return Finding(Outcome.FAIL, "closed the connection", certain=True)
    text = os.strerror(code).lower() if code else str(error)
    unreached = code in _UNREACHED
    if code in _OURS:
        return Finding(Outcome.ERROR, f"the check could not run: {text}", unreached=unreached)
    return Finding(Outcome.FAIL, text, unreached=unreached)


def most_telling(errors: Sequence[OSError]) -> OSError:
    """Return the one of several that says most about the target: a refusal, then whatever it is to blame for.

    A name may have addresses to which this host has no route: they say nothing.
    """
    return max(errors, key=_says)


def _says(error: OSError) -> tuple[bool, bool]:
    found = finding(error)
    return found.certain, not found.unreached and found.outcome is not Outcome.ERROR


def _of_tls(error: "ssl.SSLError") -> str:
    if openssl.is_distrust(error):
        return f"bad certificate: {error.verify_message}"
    return f"TLS failed: {(error.reason or 'unknown').lower().replace('_', ' ')}"
