"""Whom TLS believes: authorities that are read again where their file was replaced."""

from pathlib import Path
from typing import TYPE_CHECKING

from sidecar.checks.http import openssl

if TYPE_CHECKING:
    import ssl


def tls_context(*, verify: bool, ca: str | None = None) -> "ssl.SSLContext":
    """Return how TLS is spoken. `ca` replaces the system's authorities. Raise OSError if it is unusable."""
    openssl.load()
    import ssl  # noqa: PLC0415 - now, and not before

    context = ssl.create_default_context(cafile=ca)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _of_the_system() -> str | None:
    """Return the file of the system's authorities, None if there is but a folder: that is read as needed."""
    openssl.load()
    import ssl  # noqa: PLC0415 - now, and not before

    return ssl.get_default_verify_paths().cafile


class Trust:
    """How TLS is spoken. `ca`, a PEM file, replaces the system's authorities."""

    def __init__(self, *, verify: bool, ca: str | None = None) -> None:
        """Raise OSError if the file is unusable."""
        self._verify = verify
        self._ca = ca
        self._read = self._mark()
        self.context = tls_context(verify=verify, ca=ca)

    def doubt(self) -> None:
        """A certificate was not believed: read the authorities again if the file is another one by now.

        Authorities are replaced without a reload of ours, those of the system by a package or a deployment. A
        file that cannot be used yet is read next time.
        """
        mark = self._mark()
        if mark in (None, self._read):
            return
        try:
            self.context = tls_context(verify=self._verify, ca=self._ca)
        except OSError:
            return
        self._read = mark

    def _mark(self) -> tuple[int, int, int] | None:
        """Return what tells one content of the file from another; None if there is none to be seen."""
        file = self._ca or _of_the_system()
        if file is None:
            return None
        try:
            found = Path(file).stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns
