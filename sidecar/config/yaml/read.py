"""The bytes of a configuration file as text."""

from pathlib import Path

from sidecar.config.mistake import ConfigError, Mistake

MAX_BYTES = 1 << 20
"""Size of the largest file that is read: 1 MiB."""


def read_text(path: Path, option: str = "-c") -> str:
    """The text of a file in UTF-8, with or without a byte order mark. `option` is what names the file.

    Raises:
        ConfigError: the file is missing, no file, unreadable, too large or not UTF-8.

    """
    content = _read_bytes(path, option)
    if len(content) > MAX_BYTES:
        raise _refused(path, "too-large", f"larger than {MAX_BYTES} bytes; this is no configuration of ours")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or 0 in content[:2]:
        raise _refused(path, "encoding", "this is UTF-16, or no text at all; save the file in UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file in UTF-8"
        raise ConfigError((Mistake(str(path), line, column, "encoding", message),)) from None


def _read_bytes(path: Path, option: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise _refused(
            path, "file", f"there is no such file; create it, or name another with {option}"
        ) from None
    except IsADirectoryError:
        raise _refused(path, "file", f"this is a directory; name the file in it with {option}") from None
    except PermissionError:
        raise _refused(path, "file", "no permission to read it; check its owner and mode") from None
    except OSError as error:
        raise _refused(path, "file", f"cannot be read ({error.strerror}); check the path") from None
    except ValueError as error:
        raise _refused(path, "file", f"cannot be read ({error}); check the path") from None


def _refused(path: Path, code: str, message: str) -> ConfigError:
    return ConfigError((Mistake(str(path), 1, 1, code, message),))
