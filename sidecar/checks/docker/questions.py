"""Questions about containers to an engine, over a client of the Docker SDK. Raises EngineError only."""

import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sidecar.checks.docker.container_lookup import Listed
from sidecar.checks.docker.container_state import ContainerState, Missing, parse_inspect
from sidecar.checks.docker.errors import engine_error, socket_error
from sidecar.checks.docker.reply import mapping, number, sequence, text

if TYPE_CHECKING:
    import docker

_CONNECT_TIMEOUT: Final = 2.0
_ALIVE: Final = ("running", "paused")


class DockerQuestions:
    """Asks over `api`."""

    def __init__(self, api: "docker.APIClient") -> None:
        import docker  # noqa: PLC0415 - who asks no engine should not pay for it

        self._api = api
        self._not_found = docker.errors.NotFound

    def inspect(self, name: str) -> ContainerState | Missing:
        """Return the state of a container by its name or id, or that there is none."""
        # A foreign library at a foreign edge: everything that it may raise gets a name.
        try:
            return parse_inspect(self._api.inspect_container(name))
        except self._not_found:
            return Missing()
        except Exception as error:
            raise engine_error(error) from error

    def listed(self, labels: Sequence[str]) -> list[Listed]:
        """Return the containers that have all these labels, those that do not run included."""
        try:
            reply = self._api.containers(all=True, filters={"label": list(labels)})
        except Exception as error:
            raise engine_error(error) from error
        return [_listed(each) for each in sequence(reply)]


def _listed(reply: object) -> Listed:
    whole = mapping(reply)
    names = [text(name).removeprefix("/") for name in sequence(whole.get("Names"))]
    return Listed(
        id=text(whole.get("Id")),
        # The names of links to it have a second part.
        name=next((name for name in names if name and "/" not in name), ""),
        runs=text(whole.get("State")) in _ALIVE,
        created=number(whole.get("Created")),
        one_off=text(mapping(whole.get("Labels")).get("com.docker.compose.oneoff")).lower() == "true",
    )


def probe_socket(url: str) -> None:
    """Connect to the socket of an engine once. Raise EngineError if that fails.

    An absent socket is told apart from all other trouble without the cost of the SDK, which also
    forgets to close a socket that does not connect.
    """
    path = url.removeprefix("unix://")
    if path == url:
        return
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_CONNECT_TIMEOUT)
        try:
            probe.connect(path)
        except OSError as error:
            raise socket_error(path, error) from error
