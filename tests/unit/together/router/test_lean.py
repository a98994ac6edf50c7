"""Imports of the running router, indirect ones included."""

import subprocess
import sys

from tests.netns.vrrp_daemon import ROOT

LARGE = {
    *("asyncio", "ssl", "concurrent.futures", "subprocess", "multiprocessing", "http", "urllib", "json"),
    *(
        "logging",
        "pathlib",
        "random",
        "pyroute2",
        "docker",
        "prometheus_client",
        "structlog",
        "pydantic",
        "yaml",
    ),
}
CODE = """
import sys
import sidecar.core.node, sidecar.net.network, sidecar.net.router_lock, sidecar.signals, sidecar.stall
print(*sys.modules)
"""


def test_the_loop_the_network_and_the_core_bring_nothing_large_along() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    loaded = set(done.stdout.split())
    assert "sidecar.net.network" in loaded
    assert not loaded & LARGE
