"""Errors between us and the Docker engine, by name, with the line that mends each."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_FILTERED: Final = (502, 504)
"""Statuses of a proxy that cannot reach its engine."""
_MEND: Final = (
    "restart this container, and mount the folder of the socket instead of the socket (docs/docker.md)"
)


class EngineError(Exception):
    """The engine cannot be asked. `reason` is one of: denied, timeout, unreachable, stale, protocol."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def socket_error(path: str, error: OSError) -> EngineError:
    """Return why the unix socket of an engine cannot be opened: what is mounted here may be an old one."""
    gone = _gone(path)
    return engine_error(error) if gone is None else EngineError("stale", f"{gone}: {_MEND}")


def _gone(path: str) -> str | None:
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        return _gone_folder(Path(path).parent)
    except OSError:
        return None
    if stat.S_ISDIR(found.st_mode):
        return f"{path} is a folder: the engine's socket did not exist when this container was made"
    # A mount keeps the file that was there; a link count of 0 says that the host has it no more.
    if found.st_nlink == 0:
        return f"{path} is the socket of an engine that has ended, and the new one is not visible here"
    return None


def _gone_folder(folder: Path) -> str | None:
    try:
        links = folder.stat().st_nlink
    except OSError:
        return None
    return f"the folder {folder} was replaced on the host, and this is the old one" if links == 0 else None


def engine_error(error: BaseException) -> EngineError:
    """Return the named form of whatever the SDK or the libraries under it raised."""
    if isinstance(error, EngineError):
        return error
    causes = list(_causes(error))
    status = next((s for s in (_status(cause) for cause in causes) if s is not None), None)
    if status is not None:
        return _answered(status)
    if any(isinstance(cause, PermissionError) for cause in causes):
        return EngineError("denied", "no permission to use the Docker socket")
    if any(isinstance(cause, TimeoutError) or "Timeout" in type(cause).__name__ for cause in causes):
        return EngineError("timeout", "the Docker engine does not answer")
    for cause in causes:
        if isinstance(cause, OSError) and cause.strerror:
            return EngineError(
                "unreachable", f"the Docker engine cannot be reached: {cause.strerror.lower()}"
            )
    # It died while it was asked. Such an error has a message of the library and none of the system.
    if any(isinstance(cause, ConnectionError) for cause in causes):
        return EngineError("unreachable", "the Docker engine cannot be reached: it closed the connection")
    return EngineError("protocol", f"the Docker engine answered nonsense ({type(error).__name__})")


def _answered(status: int) -> EngineError:
    if status in _FILTERED:
        detail = f"the filter before the Docker engine cannot reach it (status {status})"
        return EngineError("unreachable", detail)
    reason = "denied" if status in (401, 403) else "protocol"
    return EngineError(reason, f"the Docker engine answered with status {status}")


def _status(error: BaseException) -> int | None:
    status = getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    waiting = [error]
    for _ in range(32):
        if not waiting:
            return
        current = waiting.pop(0)
        yield current
        waiting += [arg for arg in current.args if isinstance(arg, BaseException)]
        waiting += [e for e in (current.__cause__, current.__context__) if e is not None]
