"""Asking a running sidecar through its control socket. Imports little: the health check waits for it.

The observer answers there. Between the end of one and the start of the next nobody does, while the router
serves on. Such a gap is waited out, for a bounded time.
"""

# What `socket` is made of: that one makes enumerations of its numbers, which takes longer than all the rest.
import _socket
import os
import time

TIMEOUT = 2.0
PATIENCE = 8.0
"""Seconds for which the next observer is waited for: its router waits 5 s at most before it starts one."""
SOCKET = "/run/vip-sidecar/control.sock"
_LIMIT = 4 * 1024 * 1024
_RETRY = 0.05
_UNAVAILABLE = 503
_SOCKETS = "/proc/net/unix"
_NOT_KNOWN = "; whether the command was carried out is not known: `vip-sidecar status` shows how things stand"
_AWAY = "a router runs, and its observer is not back yet; the log says why (observer_lost)"
_FROZEN = (
    "its observer stands still; if the whole sidecar does (paused, no processor), its VIPs are gone from here"
)
_LOCK = b" @vip-sidecar/vrid/"
"""Begins the name of the lock that each router has for as long as it lives (net/router_lock.py)."""


class Unreachable(Exception):  # noqa: N818 - it is a state of affairs
    """No sidecar answers at the socket; the text says why and what to do."""


class NobodyListens(Unreachable):
    """An observer has been there, or is about to be, and there is none now."""


class TimedOut(Unreachable):
    """An observer has taken the question, and not answered in time. One that hangs is replaced."""


class HungUp(Unreachable):
    """The sidecar was asked, and its observer has ended before it had answered, or in the middle of it."""


def socket_path() -> str:
    """Return the path of the control socket when none is given on the command line."""
    return os.environ.get("VIP_SIDECAR_SOCKET") or SOCKET


def get(path: str, target: str, timeout: float = TIMEOUT, patience: float = PATIENCE) -> tuple[int, bytes]:
    """Return status and body of a GET. Raises Unreachable.

    An answer may take `timeout` seconds. `patience` is for the time in which a router lives and has no
    observer; an observer that ended before it answered is replaced soon, and the next one is asked.
    """
    return _patiently(path, "GET", target, timeout, patience, (NobodyListens, TimedOut, HungUp))


def request(
    path: str, method: str, target: str, timeout: float, patience: float = PATIENCE
) -> tuple[int, bytes]:
    """Return status and body of a request that may change something. Raises Unreachable.

    As `get`, but whether a request was heard that nobody has answered is not known: HungUp is for the caller.
    """
    return _patiently(path, method, target, timeout, patience, (NobodyListens,))


def router_lives() -> bool:
    """Whether there is a router of a sidecar in this network namespace."""
    try:
        with open(_SOCKETS, "rb") as listed:  # noqa: PTH123 - the health check waits for what is imported
            return _LOCK in listed.read()
    except OSError:
        return False


def _patiently(
    path: str,
    method: str,
    target: str,
    timeout: float,
    patience: float,
    between: tuple[type[Unreachable], ...],
) -> tuple[int, bytes]:
    ends = time.monotonic() + patience
    waited = False
    while True:
        try:
            status, body = _ask(path, method, target, timeout)
            # The next observer listens a moment before it has been told how things stand.
            beginning = waited and method == "GET" and status == _UNAVAILABLE
            if not beginning or time.monotonic() >= ends:
                return status, body
        except between as gap:
            waited = True
            if not router_lives():
                raise
            if time.monotonic() >= ends:
                raise type(gap)(f"{gap}: {_FROZEN if isinstance(gap, TimedOut) else _AWAY}") from gap
        time.sleep(_RETRY)


def _ask(path: str, method: str, target: str, timeout: float) -> tuple[int, bytes]:
    deadline = time.monotonic() + timeout
    try:
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            connection.settimeout(timeout)
            _connect(connection, path)
            reply = _exchange(connection, f"{method} {target} HTTP/1.1\r\nHost: sidecar\r\n\r\n", deadline)
        finally:
            connection.close()
    except OSError as error:
        raise _kind(error, path)(f"no sidecar answers at {path}: {error.strerror or error}") from error
    return _parsed(reply, path, "" if method == "GET" else _NOT_KNOWN)


def _parsed(reply: bytes, path: str, advice: str) -> tuple[int, bytes]:
    """Return status and body of a whole answer. `advice` is for one that is cut. Raises Unreachable."""
    if not reply:
        raise HungUp(f"the sidecar at {path} has ended the connection without an answer{advice}")
    head, end, body = reply.partition(b"\r\n\r\n")
    if not end and reply[:5] == b"HTTP/":
        raise HungUp(f"the sidecar at {path} has ended the connection at the beginning of its answer{advice}")
    words, length = head.split(b" ", 2), _length(head)
    if not end or len(words) < 2 or not words[1].isdigit() or length is None:  # noqa: PLR2004 - version, code
        raise Unreachable(f"what answers at {path} is no sidecar")
    if len(body) < length and len(reply) < _LIMIT:
        cut = f"{len(body)} of {length} bytes of its answer"
        raise HungUp(f"the sidecar at {path} has ended the connection after {cut}{advice}")
    if len(body) != length:
        raise Unreachable(
            f"what answers at {path} says more than it should: it is no sidecar of this version"
        )
    return int(words[1]), body


def _length(head: bytes) -> int | None:
    """Return the length that an answer says its body has. Each answer of a sidecar says it."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None


def _kind(error: OSError, path: str) -> type[Unreachable]:
    """Tell a gap from a mistake: an observer leaves a lock at the path, and if it was killed its socket."""
    if isinstance(error, TimeoutError):
        return TimedOut
    been = os.path.exists(f"{path}.lock")  # noqa: PTH110 - the health check waits for what is imported
    gap = isinstance(error, ConnectionRefusedError) or (isinstance(error, FileNotFoundError) and been)
    return NobodyListens if gap else Unreachable


def _exchange(connection: _socket.socket, question: str, deadline: float) -> bytes:
    """Return what is answered; nothing if the other end dies meanwhile."""
    try:
        connection.sendall(question.encode())
        return _read(connection, deadline)
    except (ConnectionResetError, BrokenPipeError):
        return b""


def _connect(connection: _socket.socket, path: str) -> None:
    """Connect, as the owner of the socket if nobody else may: root may not without CAP_DAC_OVERRIDE.

    The kernel notes the user at that moment. Afterwards this process has its own user again, and with it
    its capabilities.
    """
    try:
        connection.connect(path)
    except PermissionError as refused:
        user, owner = os.geteuid(), os.stat(path).st_uid  # noqa: PTH116 - the health check imports little
        if owner == user:
            raise
        try:
            os.seteuid(owner)
        except PermissionError:
            raise refused from None
        try:
            connection.connect(path)
        finally:
            os.seteuid(user)


def _read(connection: _socket.socket, deadline: float) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while size < _LIMIT:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        chunk = connection.recv(65536)
        if not chunk:
            break
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)
