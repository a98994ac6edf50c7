"""The Docker SDK at arm's length: a few blocking calls, and one exception for all that can go wrong.

Only the docker thread calls this, except `interrupt`. The SDK is imported there on first use: it
costs 8 MiB and a quarter of a second that nobody else should pay.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from sidecar.checks.docker.client import connect
from sidecar.checks.docker.container_event import EVENTS
from sidecar.checks.docker.container_lookup import Listed
from sidecar.checks.docker.container_state import ContainerState, Missing
from sidecar.checks.docker.errors import engine_error
from sidecar.checks.docker.questions import DockerQuestions, probe_socket

if TYPE_CHECKING:
    import requests
    from docker.types import CancellableStream

_CALL_TIMEOUT: Final = 2
RESTART_GRACE: Final = 10
SILENCE: Final = 5.0
"""Seconds without an event after which the stream is opened anew: that is also how a hung engine shows."""


class Engine:
    """An engine, or a proxy before it, that has answered once. Raises EngineError only."""

    def __init__(self, url: str) -> None:
        probe_socket(url)
        self._stream: CancellableStream[dict[str, Any]] | None = None
        # A foreign library at a foreign edge: here and below everything that it may raise gets a name.
        try:
            self._api = connect(url, _CALL_TIMEOUT)
        except Exception as error:
            raise engine_error(error) from error
        self._questions = DockerQuestions(self._api)
        # The SDK asks for the event stream without any timeout.
        adapter = self._api.get_adapter(self._api.base_url)
        self._api.mount(self._api.base_url, cast("requests.adapters.BaseAdapter", _SilenceLimit(adapter)))

    def inspect(self, name: str) -> ContainerState | Missing:
        """Return the state of a container by its name or id, or that there is none."""
        return self._questions.inspect(name)

    def listed(self, labels: Sequence[str]) -> list[Listed]:
        """Return the containers that have all these labels, those that do not run included."""
        return self._questions.listed(labels)

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
            if self._stream is None:
                return  # another thread has ended it
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
