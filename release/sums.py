"""SHA256SUMS of a folder, and its signature by a key on disk: offline, by openssl alone.

The signature is ECDSA over SHA-256 in base64, as `cosign verify-blob --key` reads it, too.
"""

import base64
import hashlib
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

SUMS: Final = "SHA256SUMS"
SIGNATURE: Final = "SHA256SUMS.sig"


class SigningError(Exception):
    """openssl refused the key or the file; the text is its own."""


def write(folder: Path, files: Sequence[Path]) -> Path:
    """Write the sums of these files, as `sha256sum --check` reads them."""
    lines = []
    for file in sorted(files):
        with file.open("rb") as content:
            lines.append(f"{hashlib.file_digest(content, 'sha256').hexdigest()}  {file.name}\n")
    sums = folder / SUMS
    sums.write_text("".join(lines), encoding="ascii")
    return sums


def sign(sums: Path, key: Path) -> Path:
    """Sign with a private key in PEM. Raise SigningError."""
    signature = _openssl("dgst", "-sha256", "-sign", str(key), str(sums))
    file = sums.with_name(SIGNATURE)
    file.write_bytes(base64.b64encode(signature) + b"\n")
    return file


def _openssl(*words: str) -> bytes:
    done = subprocess.run(["openssl", *words], capture_output=True, check=False, timeout=60)  # noqa: S603, S607
    if done.returncode:
        raise SigningError(done.stderr.decode(errors="replace").strip())
    return done.stdout
