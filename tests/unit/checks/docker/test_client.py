"""The engine is asked directly, whatever the environment says about the way to the internet."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.core.health.result import Outcome
from sidecar.plan.services import Docker
from tests.unit.checks.engine import CHECKS, Engine, Handler
from tests.unit.checks.stage import free_port, running


class OverTcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        super().__init__(("127.0.0.1", 0), Handler)


@contextlib.contextmanager
def engine_over_tcp(engine: Engine) -> Iterator[str]:
    """The address of the same engine without a socket file."""
    with OverTcp(engine) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        engine.cut()
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_no_proxy_stands_between_us_and_the_engine(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    with engine_over_tcp(Engine(tmp_path / "none")) as url, running(CHECKS, Docker(url=url)) as seen:
        seen.wait(lambda: bool(seen.results))
        assert seen.results[0].result.outcome is Outcome.PASS, seen.troubles
