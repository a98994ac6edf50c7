"""The Docker SDK at arm's length: three blocking calls, and one exception for all that can go wrong.

Only the docker thread calls this, except `interrupt`. The SDK is imported there on first use: it
costs 8 MiB and a quarter of a second that nobody else should pay.
"""

import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, cast

from sidecar.checks.container_state import EVENTS, ContainerState, Missing, parse_inspect

if TYPE_CHECKING:
    import requests
    from docker.types import CancellableStream

_CALL_TIMEOUT: Final = 2
RESTART_GRACE: Final = 10
SILENCE: Final = 5.0
"""Seconds without an event after which the stream is opened anew: that is also how a hung engine shows."""


class EngineError(Exception):
    """The engine cannot be asked. `reason` is one of: denied, timeout, unreachable, protocol."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Engine:
    """An engine, or a proxy before it, that has answered once. Raises EngineError only."""

    def __init__(self, url: str) -> None:
        try:
            _knock(url)
        except OSError as error:
            raise engine_error(error) from error

        import docker  # noqa: PLC0415 - see the head of this file

        self._not_found = docker.errors.NotFound
        self._stream: CancellableStream[dict[str, Any]] | None = None
        # A foreign library at a foreign edge: here and below everything that it may raise gets a name.
        try:
            # Engines refuse versions that are too old or too new: ask, never pin.
            self._api = docker.APIClient(base_url=url, version="auto", timeout=_CALL_TIMEOUT)
        except Exception as error:
            raise engine_error(error) from error
        # The SDK asks for the event stream without any timeout.
        adapter = self._api.get_adapter(self._api.base_url)
        self._api.mount(self._api.base_url, cast("requests.adapters.BaseAdapter", _SilenceLimit(adapter)))

    def inspect(self, name: str) -> ContainerState | Missing:
        """Return the state of a container, or that there is none."""
        try:
            return parse_inspect(self._api.inspect_container(name))
        except self._not_found:
            return Missing()
        except Exception as error:
            raise engine_error(error) from error

    def restart(self, name: str) -> None:
        """Restart a container: its stop signal, RESTART_GRACE seconds, SIGKILL, and start."""
        try:
            self._api.restart(name, timeout=RESTART_GRACE)
        except Exception as error:
            raise engine_error(error) from error

    def open_events(self, since: int) -> None:
        """Ask for the events at and after `since`, nanoseconds of the engine's wall clock."""
        filters = {"type": ["container"], "event": list(EVENTS)}
        try:
            # A hung engine shows here within the short timeout of a call, not the long one of the stream.
            self._api.ping()
            moment = cast("int", f"{since // 10**9}.{since % 10**9:09d}")
            self._stream = self._api.events(decode=True, since=moment, filters=filters)
        except Exception as error:
            raise engine_error(error) from error

    def events(self) -> Iterator[object]:
        """Yield events until the stream ends, is silent for SILENCE seconds or is interrupted."""
        import urllib3  # noqa: PLC0415 - comes with the SDK

        if self._stream is None:
            return
        try:
            yield from self._stream
        except urllib3.exceptions.ReadTimeoutError:
            return
        except Exception as error:
            raise engine_error(error) from error
        finally:
            self.interrupt()

    def interrupt(self) -> None:
        """End the stream. May be called from any thread, at any time."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            stream.close()
        except Exception:  # noqa: BLE001 - it reaches through three libraries to a socket that may be gone
            return

    def close(self) -> None:
        """Close all connections."""
        self.interrupt()
        self._api.close()


class _SilenceLimit:
    """An adapter of requests that gives every request without a timeout one of SILENCE seconds."""

    def __init__(self, inner: "requests.adapters.BaseAdapter") -> None:
        self._inner = inner

    def send(
        self, request: "requests.PreparedRequest", *, timeout: Any = None, **rest: Any
    ) -> "requests.Response":
        """Pass the request on."""
        return self._inner.send(request, timeout=SILENCE if timeout is None else timeout, **rest)

    def close(self) -> None:
        """Close the inner adapter."""
        self._inner.close()


def _knock(url: str) -> None:
    # An absent socket is told apart from all other trouble without the cost of the SDK, which also
    # forgets to close a socket that does not connect.
    path = url.removeprefix("unix://")
    if path != url:
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(_CALL_TIMEOUT)
            door.connect(path)


def engine_error(error: BaseException) -> EngineError:
    """Return the named form of whatever the SDK or the libraries under it raised."""
    causes = list(_causes(error))
    status = next((s for s in (_status(cause) for cause in causes) if s is not None), None)
    if status is not None:
        reason = "denied" if status in (401, 403) else "protocol"
        return EngineError(reason, f"the Docker engine answered with status {status}")
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
