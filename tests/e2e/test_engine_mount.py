"""An engine that is started anew makes a new socket. Whoever has the old one mounted as a file never sees it.

The mounts are real, in a mount namespace of the check's own; the filter is a container of that engine.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sidecar.core.health.result import Outcome
from tests.e2e.filter_container import filter_container
from tests.e2e.onlooker import Onlooker, onlooker
from tests.e2e.own_engine import OwnEngine

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

NAME = "nginx-a"
FOUND_WITHIN = 20.0
"""The engine starts its containers again, the filter ends and is started, and the longest pause is 5 s."""


@pytest.fixture(scope="module")
def shared_engine() -> Iterator[OwnEngine]:
    with OwnEngine() as own:
        yield own


@pytest.fixture
def engine(shared_engine: OwnEngine) -> Iterator[OwnEngine]:
    shared_engine.run(NAME)
    yield shared_engine
    for name in shared_engine.docker("ps", "--all", "--quiet").split():
        shared_engine.docker("rm", "--force", name)


def terminated(engine: OwnEngine) -> None:
    engine.stop()
    engine.start()


def killed(engine: OwnEngine) -> None:
    engine.kill()
    engine.start()


def hung_and_killed(engine: OwnEngine) -> None:
    engine.hang()
    engine.kill()
    engine.start()


WAYS = pytest.mark.parametrize("restart", [terminated, killed, hung_and_killed], ids=lambda way: way.__name__)


@contextmanager
def mounted(engine: OwnEngine, source: Path, target: Path) -> Iterator[Onlooker]:
    """A check that sees `source` at `target`, by a mount that nobody else has."""
    url = f"unix://{target}" if source.is_socket() else f"unix://{target}/{engine.socket.name}"
    with onlooker(url, NAME, mounts={source: target}) as seen:
        seen.after(0, Outcome.PASS)
        yield seen


def dies_while_away(engine: OwnEngine, restart: Callable[[OwnEngine], None]) -> None:
    """Start the engine anew; the container dies before it is back."""
    process = int(engine.docker("inspect", "--format", "{{.State.Pid}}", NAME))

    class Away:
        """The engine, of which a container dies while it is away."""

        def __getattr__(self, name: str) -> object:
            if name == "start":
                os.kill(process, signal.SIGKILL)
            return getattr(engine, name)

    restart(Away())  # type: ignore[arg-type]


@WAYS
def test_through_the_folder_the_new_socket_is_found(
    engine: OwnEngine, tmp_path: Path, restart: Callable[[OwnEngine], None]
) -> None:
    with mounted(engine, engine.folder, tmp_path) as seen:
        mark = len(seen.results)
        dies_while_away(engine, restart)
        seen.after(mark, Outcome.FAIL, timeout=FOUND_WITHIN)
        mark = len(seen.results)
        engine.docker("start", NAME)
        seen.after(mark, Outcome.PASS, timeout=FOUND_WITHIN)


@WAYS
def test_a_mounted_socket_that_was_replaced_is_named_with_the_mend(
    engine: OwnEngine, tmp_path: Path, restart: Callable[[OwnEngine], None]
) -> None:
    door = tmp_path / "docker.sock"
    door.touch()
    with mounted(engine, engine.socket, door) as seen:
        mark = len(seen.results)
        restart(engine)
        seen.wait(lambda: "is not visible here" in seen.results[-1].result.detail, FOUND_WITHIN)
        assert seen.outcomes(mark) == {Outcome.UNKNOWN}
        detail = seen.results[-1].result.detail
        assert str(door) in detail
        assert "restart this container" in detail
        assert "mount the folder" in detail


@WAYS
def test_the_filter_is_started_anew_with_its_engine(
    engine: OwnEngine, tmp_path: Path, restart: Callable[[OwnEngine], None]
) -> None:
    with filter_container(engine, tmp_path) as url, onlooker(url, NAME) as seen:
        seen.after(0, Outcome.PASS)
        mark = len(seen.results)
        dies_while_away(engine, restart)
        seen.after(mark, Outcome.FAIL, timeout=FOUND_WITHIN)
        mark = len(seen.results)
        engine.docker("start", NAME)
        seen.after(mark, Outcome.PASS, timeout=FOUND_WITHIN)
