"""From an operating system error to a finding: whose fault it is, and how sure that is."""

import errno
import os
from typing import Final

from sidecar.checks.probe import Finding
from sidecar.core.health.result import Outcome

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


def finding(error: OSError) -> Finding:
    """Return what `error` means for the target. A fault of this host is ERROR: the check could not run."""
    code = error.errno
    if code in _SAID_NO:
        return Finding(Outcome.FAIL, _SAID_NO[code], certain=True)
    text = os.strerror(code).lower() if code else str(error)
    unreached = code in _UNREACHED
    if code in _OURS:
        return Finding(Outcome.ERROR, f"the check could not run: {text}", unreached=unreached)
    return Finding(Outcome.FAIL, text, unreached=unreached)
