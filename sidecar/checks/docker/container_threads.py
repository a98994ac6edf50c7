"""The threads that talk with the Docker engine for the checks: one follows containers, one restarts them.

They exist while a check needs them, and are exchanged when the engine is another one.
"""

from collections.abc import Iterable
from threading import Lock
from time import monotonic
from typing import Protocol

from sidecar.checks.docker.container_restarts import ContainerRestarts, RestartListener
from sidecar.checks.docker.feed import DockerFeed, DockerListener
from sidecar.plan.check import ContainerCheck
from sidecar.plan.container import ContainerSelection
from sidecar.plan.services import Docker
from sidecar.stall import StallWatch


class ContainerListener(DockerListener, RestartListener, Protocol):
    """Receiver of news about the engine and about restarts. Called from both threads."""


class ContainerThreads:
    """Follows and restarts the containers of the checks that were given last."""

    def __init__(self, listener: ContainerListener, stalls: StallWatch) -> None:
        self._listener = listener
        self._stalls = stalls
        self._url: str | None = None
        self._restarts: ContainerRestarts | None = None
        self._lock = Lock()
        self._verdicts: dict[str, bool] = {}
        self.feed: DockerFeed | None = None
        """The observer of containers; None while no check needs it, or no engine is configured."""

    def exchange(self, docker: Docker | None, checks: Iterable[ContainerCheck]) -> None:
        """Work for these checks from now on. A container that is followed already is not asked for anew."""
        checks = tuple(checks)
        selections = {check.container for check in checks}
        url = docker.url if docker is not None and selections else None
        if url != self._url:
            self.stop(0.0)
            self._url = url
            if url is not None:
                self.feed = DockerFeed(url, selections, self._listener, self._stalls)
                self.feed.start()
        elif self.feed is not None:
            self.feed.follow(selections)
        self._exchange_restarts({check.name: check.container for check in checks if check.restart})
        names = {check.name for check in checks}
        with self._lock:
            self._verdicts = {name: up for name, up in self._verdicts.items() if name in names}

    def verdict(self, check: str, *, up: bool) -> None:
        """The verdict on a check changed: a container may have to be restarted. Returns at once."""
        with self._lock:
            self._verdicts[check] = up
            restarts = self._restarts
        if restarts is not None:
            restarts.verdict(check, up=up)

    def stop(self, timeout: float) -> None:
        """End both threads, in at most `timeout` seconds; with 0 they end soon."""
        deadline = monotonic() + timeout
        feed, self.feed, self._url = self.feed, None, None
        restarts, self._restarts = self._restarts, None
        if feed is not None:
            feed.stop(max(0.0, deadline - monotonic()))
        if restarts is not None:
            restarts.stop(max(0.0, deadline - monotonic()))

    def _exchange_restarts(self, wanted: dict[str, ContainerSelection]) -> None:
        with self._lock:
            known, verdicts = self._restarts, dict(self._verdicts)
            if known is not None and not wanted:
                self._restarts = None
            elif known is None and wanted and self._url is not None and self.feed is not None:
                self._restarts = ContainerRestarts(self._url, {}, self.feed, self._listener)
                self._restarts.exchange(wanted, verdicts)
                self._restarts.start()
        if known is not None and wanted:
            known.exchange(wanted, verdicts)
        elif known is not None:
            known.stop(0.0)
