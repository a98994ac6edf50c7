"""An nginx that is the first process of a container: tested by exec, told by HUP, both through the engine.

That takes the rights to exec and to kill: a proxy before the engine must allow EXEC and POST. Where exec is
denied, nothing is tested before the reload: nginx itself refuses a broken configuration and goes on with the
old one, so that only its own log says why. The SDK blocks, so every call runs aside; two never run at once,
because the reloader waits for each.
"""

import contextlib
from collections.abc import Callable
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, TypeVar

from sidecar.checks.docker.client import connect
from sidecar.checks.docker.container_lookup import Followed, look
from sidecar.checks.docker.container_state import Missing
from sidecar.checks.docker.errors import engine_error
from sidecar.checks.docker.questions import DockerQuestions, probe_socket
from sidecar.plan.container import ContainerSelection
from sidecar.pools.aside import aside
from sidecar.pools.nginx import NginxAbsent, NginxUnreachable, complaint

if TYPE_CHECKING:
    import docker

_T = TypeVar("_T")
_OUTPUT: Final = 64 * 1024
_LOOK_AGAIN: Final = 0.01
_GONE: Final = (404, 409)
"""Statuses of the engine for a container that does not exist, and for one that does not run."""


class NginxContainer:
    """The nginx of a container. `test` is run inside it; `timeout` in seconds limits every call.

    `untested` is told once, with the reason, if the test may not be run.
    """

    def __init__(
        self,
        url: str,
        container: ContainerSelection,
        test: tuple[str, ...],
        timeout: float,
        untested: Callable[[str], None],
    ) -> None:
        self._url = url
        self._container = container
        self._followed = Followed()
        self._test = test
        self._timeout = timeout
        self._untested = untested
        self._told = False
        self._api: docker.APIClient | None = None

    async def prepare(self) -> None:
        """Load the SDK and agree with the engine on a version: that takes a quarter of a second."""
        await self._ask(lambda _: None)

    async def test(self) -> str | None:
        """Run the test program in the container, if that is allowed."""
        if not self._test:
            return None
        try:
            return await self._ask(self._run_test)
        except NginxUnreachable as refused:
            if refused.reason != "docker_denied":
                raise
        if not self._told:
            self._told = True
            why = (
                "exec is denied, so nginx alone tests the configuration: `test: []` in `reload` accepts that"
            )
            self._untested(f"container {self._container}: {why}")
        return None

    async def reload(self) -> None:
        """Send HUP to the container's first process."""
        await self._ask(lambda api: api.kill(self._found(api), signal="HUP"))

    def _found(self, api: "docker.APIClient") -> str:
        """Return the name of the container that is meant now, as filters know it."""
        state, self._followed = look(DockerQuestions(api), self._container, self._followed)
        if isinstance(state, Missing):
            raise NginxAbsent(f"container {self._container} does not exist")
        return state.name or state.id

    def _run_test(self, api: "docker.APIClient") -> str | None:
        command = api.exec_create(self._found(api), list(self._test), stdin=False)
        output = b""
        stream = api.exec_start(command["Id"], stream=True)
        try:
            for chunk in stream:
                output = (output + chunk)[-_OUTPUT:]
        finally:
            # Its own `close` closes nothing once it was read to its end, and the garbage collector is late.
            stream._response.close()  # type: ignore[attr-defined]  # noqa: SLF001
        return complaint(output) if self._exit_code(api, command["Id"]) else None

    def _exit_code(self, api: "docker.APIClient", command: str) -> int:
        # The output may end a moment before the engine knows how the program did.
        deadline = monotonic() + self._timeout
        while monotonic() < deadline:
            state = api.exec_inspect(command)
            if not state["Running"]:
                return int(state["ExitCode"])
            sleep(_LOOK_AGAIN)
        raise TimeoutError

    async def _ask(self, question: "Callable[[docker.APIClient], _T]") -> _T:
        def call() -> _T:
            # A foreign library at a foreign edge: everything that it may raise gets a name.
            try:
                return question(self._connected())
            except NginxAbsent:
                raise
            except Exception as error:
                self._forget()
                raise self._named(error) from error

        return await aside(call, "docker reload")

    def _connected(self) -> "docker.APIClient":
        if self._api is None:
            probe_socket(self._url)
            self._api = connect(self._url, self._timeout)
        return self._api

    def close(self) -> None:
        """Close all connections."""
        self._forget()

    def _forget(self) -> None:
        api, self._api = self._api, None
        if api is not None:
            with contextlib.suppress(Exception):
                api.close()

    def _named(self, error: Exception) -> NginxAbsent | NginxUnreachable:
        status = getattr(getattr(error, "response", None), "status_code", None)
        if status in _GONE:
            why = "does not exist" if status == _GONE[0] else "does not run"
            return NginxAbsent(f"container {self._container} {why}")
        named = engine_error(error)
        return NginxUnreachable(f"docker_{named.reason}", named.detail)
