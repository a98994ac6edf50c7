"""Listening sockets: TCP for scrapers, a private unix socket for the command line."""

import contextlib
import fcntl
import os
import socket
import stat
from pathlib import Path
from typing import Final

from sidecar.plan.endpoints import Endpoint

_BACKLOG: Final = 64


class ListenError(Exception):
    """We cannot listen there; the text says where and why."""


class ControlInUse(ListenError):  # noqa: N818 - it is a state of affairs
    """Another sidecar owns the control socket."""


class ListeningSocket:
    """A listening socket and what must be cleaned up after it."""

    def __init__(self, listening: socket.socket, name: str, lock: int | None = None) -> None:
        self.socket = listening
        self.name = name
        self._lock = lock

    def close(self) -> None:
        """Stop listening; a unix socket disappears from the file system."""
        # Closing alone would leave a thread waiting in accept for ever.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        if self._lock is not None:
            Path(self.name).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None


def listen_tcp(endpoint: Endpoint) -> ListeningSocket:
    """Listen on an address or name. `::` accepts IPv4 as well. Raises ListenError."""
    name = (
        f"[{endpoint.host}]:{endpoint.port}" if ":" in endpoint.host else f"{endpoint.host}:{endpoint.port}"
    )
    try:
        found = socket.getaddrinfo(
            endpoint.host, endpoint.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, _, _, _, address = found[0]
        both = family == socket.AF_INET6 and endpoint.host == "::"
        listening = socket.create_server(address[:2], family=family, backlog=_BACKLOG, dualstack_ipv6=both)
    except socket.gaierror as error:
        raise ListenError(f"cannot listen on {name}: {error.strerror}") from error
    except UnicodeError as error:
        raise ListenError(f"cannot listen on {name}: that is no name of a host") from error
    except OSError as error:
        # The library adds to the kernel's word what stands before it already.
        why = error.strerror if error.errno is None else os.strerror(error.errno)
        raise ListenError(f"cannot listen on {name}: {why or error}") from error
    return ListeningSocket(listening, name)


def listen_unix(path: Path) -> ListeningSocket:
    """Listen on a unix socket that only our user may open. Raises ListenError or ControlInUse.

    A lock beside it tells the socket of a running sidecar from the leftover of a dead one; unlike an
    attempt to connect, two starts at the same moment cannot both find it dead.
    """
    lock = None
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _claim(lock, path)
        _remove_leftover(path)
        return ListeningSocket(_bind(path), str(path), lock)
    except (OSError, ListenError) as error:
        if lock is not None:
            os.close(lock)
        if isinstance(error, ListenError):
            raise
        how = f"; `chown {os.geteuid()} {path.parent}` mends it" if isinstance(error, PermissionError) else ""
        raise ListenError(f"cannot listen on {path}: {error.strerror or error}{how}") from error


def claimed(path: Path) -> bool:
    """Say whether a running sidecar owns this control socket. Changes nothing."""
    try:
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _claim(lock: int, path: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ControlInUse(f"another vip-sidecar is running: it owns {path}") from error


def _remove_leftover(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise ListenError(f"cannot listen on {path}: there is a file that is no socket")
    path.unlink()


def _bind(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # On Linux bind() takes the file's mode from the socket: it is never open to others, not for a moment.
        os.fchmod(listening.fileno(), 0o600)
        listening.bind(str(path))
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening
