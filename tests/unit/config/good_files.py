"""The good configurations of the corpus, and what they need to be loaded."""

import os
from pathlib import Path

import pytest

EVERY_GOOD_FILE = pytest.mark.parametrize(
    "file", sorted((Path(__file__).parent / "good").glob("*.yaml")), ids=lambda file: file.stem
)


def environment(folder: Path) -> dict[str, str]:
    """Write key files into the folder. Return the environment that the files are written for."""
    for name in ("one", "two", "hex", "one-in-hex", "exposed", "crlf"):
        (folder / name).write_bytes(os.urandom(32).hex().encode()[:64])
        (folder / name).chmod(0o600)
    return {"PRIORITY": "250", "SELF": "10.77.0.11", "PEER": "10.77.0.12", "KEYS": str(folder)}
