"""Files of authorities that TLS is to trust."""

from collections.abc import Iterator
from pathlib import Path as FilePath

from sidecar.config.mistake import Finding, Path, quoted


def unusable_authorities(ca: FilePath, where: Path) -> Iterator[Finding]:
    """A file of authorities that cannot be used."""
    import ssl  # noqa: PLC0415 - most files name none

    try:
        ssl.create_default_context(cafile=ca)
    except ssl.SSLError:
        message = f"{quoted(str(ca))} holds no certificate in PEM form; name a file that does"
        yield Finding(where, "ca", message)
    except OSError as error:
        message = f"{quoted(str(ca))} cannot be read ({error.strerror}); check its path, owner and mode"
        yield Finding(where, "ca", message)
