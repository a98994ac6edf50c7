"""The client of the Docker SDK: it agrees with the engine on a version, and goes straight to it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import docker


def connect(url: str, timeout: float) -> "docker.APIClient":
    """Return a client of the engine, which has answered once. Raise whatever the SDK or its libraries raise.

    Docker puts the proxies of its users into the environment of every container (HTTP_PROXY). They are for
    the internet: an engine behind tcp:// is never asked through them, nor with a password from ~/.netrc.
    """
    import docker  # noqa: PLC0415 - it costs 8 MiB and a quarter of a second: who asks no engine pays nothing

    class Direct(docker.APIClient):
        """Believes nothing of the environment, from its first question on."""

        @property
        def trust_env(self) -> bool:
            """What the library asks before it looks there."""
            return False

        @trust_env.setter
        def trust_env(self, _: Any) -> None:
            """The library believes it by default."""

    # Engines refuse versions that are too old or too new: ask, never pin.
    return Direct(base_url=url, version="auto", timeout=timeout)  # type: ignore[arg-type]
