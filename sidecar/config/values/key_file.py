"""Shared keys of authenticated adverts, read from the files that the configuration names."""

import codecs
import os
import re
import stat
from dataclasses import dataclass

from pydantic import SecretBytes

from sidecar.config.values.spelling import wrong

MIN_KEY, MAX_KEY = 32, 64
"""Bytes of a key (draft-cassen-vrrp-auth-hmac)."""

_MAX_FILE = 1024
_HEX_MARK = b"hex:"
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2})*")
_MAKE_ONE = "`openssl rand -hex 32` makes one, the same for all hosts"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The content of a key file, and its mode bits. With a `trouble` there is no key."""

    secret: SecretBytes
    mode: int = 0
    trouble: str | None = None
    doubt: str | None = None
    """Why the key may be another one than was meant; it is used all the same."""

    @property
    def exposed(self) -> bool:
        """Whether others than its owner can read or change the file."""
        return bool(self.mode & (stat.S_IRWXG | stat.S_IRWXO))


def key_file(value: object) -> KeyFile:
    """The key in the file that an absolute path names.

    A file that cannot be used is no wrong spelling: it comes back with its `trouble`, so that all
    else that is wrong beside it is found too. No message shows the path: it may be a key that was
    written in its place.
    """
    if isinstance(value, KeyFile):
        return value
    if not isinstance(value, str) or not value.startswith("/"):
        raise wrong("path", "this is no absolute path; write that of a file with the key, never the key")
    try:
        content, mode = _read(value)
        key = _key(content)
        return KeyFile(SecretBytes(key), mode, doubt=_doubt(content.removesuffix(b"\n")) or None)
    except FileNotFoundError:
        return _unusable(f"there is no such file; create it: {_MAKE_ONE}")
    except OSError as error:
        return _unusable(f"this file cannot be read ({error.strerror}); check its path, owner and mode")
    except ValueError:
        # the path holds a NUL or half a surrogate pair
        return _unusable("this is no path that a file can have; correct it")
    except _UnusableError as error:
        return _unusable(str(error))


class _UnusableError(Exception):
    """There is a file, and no key in it."""


def _unusable(trouble: str) -> KeyFile:
    return KeyFile(SecretBytes(b""), trouble=trouble)


def _read(path: str) -> tuple[bytes, int]:
    # without O_NONBLOCK a FIFO would wait for its writer
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(file).st_mode
        if not stat.S_ISREG(mode):
            raise _UnusableError("this is no regular file; name a file that holds the key")
        return os.read(file, _MAX_FILE + 1), stat.S_IMODE(mode)
    finally:
        os.close(file)


def _doubt(key: bytes) -> str:
    """Why these bytes may not be the key that was meant: another spelling of it, or what an editor adds."""
    if key.startswith(codecs.BOM_UTF8) and key[3:].isascii():
        return "this file begins with a byte order mark, which is part of the key for peers; save it without"
    if key.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and b"\0" in key:
        return "this file is UTF-16, as an editor saves it, and peers take the bytes; save it in UTF-8"
    if key[: len(_HEX_MARK)].lower() == _HEX_MARK != key[: len(_HEX_MARK)]:
        return "`hex:` is written in small letters; correct the beginning of this file"
    if re.fullmatch(rb"0[xX](?:[0-9A-Fa-f]{2})+|(?:[0-9A-Fa-f]{2}[: ]){15,}[0-9A-Fa-f]{2}[: ]?", key):
        return "hex digits are written as `hex:` and the digits alone; correct this file"
    return ""


def _key(content: bytes) -> bytes:
    """The key: raw bytes, or `hex:` and digits as keepalived has it. One final newline is no part of it."""
    if len(content) > _MAX_FILE:
        raise _UnusableError(f"this file is larger than {_MAX_FILE} bytes; it must hold the key alone")
    key = content.removesuffix(b"\n")
    if key.endswith(b"\r"):
        raise _UnusableError(
            "the line in this file ends as on Windows, which peers do not strip; end it with LF"
        )
    if key.startswith(_HEX_MARK):
        digits = key.removeprefix(_HEX_MARK)
        if not _HEX.fullmatch(digits):
            raise _UnusableError(
                "after `hex:` this file has something else than pairs of hex digits; correct it"
            )
        key = bytes.fromhex(digits.decode("ascii"))
    if not MIN_KEY <= len(key) <= MAX_KEY:
        raise _UnusableError(
            _doubt(key)
            or f"the key in this file has {len(key)} bytes, not {MIN_KEY} to {MAX_KEY}: {_MAKE_ONE}"
        )
    return key
