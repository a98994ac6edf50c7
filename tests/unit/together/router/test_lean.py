"""Imports of each process of a sidecar when it starts, indirect ones included.

The time of a start is that of loading: nearly a millisecond for each module of ours, tens for some libraries.

Memory is mostly that of what is loaded, too. `inspect` is loaded by a dataclass without a docstring.

Modules: cli.begin, cli.run, cli.config_child, observer.start.
"""

import subprocess
import sys
from typing import Final

import pytest

from tests.netns.vrrp_daemon import ROOT

LIBRARIES: Final = {
    *("docker", "jinja2", "prometheus_client", "pydantic", "pyroute2", "rich", "structlog", "yaml"),
}
LARGE: Final = {
    *("asyncio", "ssl", "concurrent.futures", "subprocess", "multiprocessing", "http", "urllib", "json"),
    *("logging", "pathlib", "random", *LIBRARIES),
}
CORE: Final = {"sidecar.core.node", "sidecar.core.router.router_state", "sidecar.core.pool.pool"}

NETWORK: Final = """
import sidecar.core.node, sidecar.net.network, sidecar.net.router_lock, sidecar.signals, sidecar.stall
"""
LAZY: Final = "from sidecar.lazy_inspect import install; install()\n"
ROUTER: Final = """
import os
from sidecar.cli.main import main
def fork(): raise OSError("neither a child nor an observer")
os.fork = fork
assert main(["run", "-c", "/nowhere"]) == 1
import sidecar.cli.begin, sidecar.router.start
sidecar.cli.begin._lacking()
"""
CHILD: Final = "import sidecar.cli.config_child"
OBSERVER: Final = LAZY + "from sidecar.observer.start import loaded; loaded()"
HEALTH_CHECK: Final = "from sidecar.cli.main import main; main(['healthcheck'])"
STATUS: Final = "from sidecar.cli.main import main; main(['status'])"
CODE: Final = """
import sys
sys.path += sys.argv[1:]
{}
print(*(name for name, module in sys.modules.items() if module))
"""


def loaded_by(code: str) -> set[str]:
    """The modules of a process that has done so much."""
    libraries = [each for each in sys.path if each.endswith("site-packages")]
    done = subprocess.run(
        # Without site: what the environment imports at start is not ours.
        [sys.executable, "-S", "-B", "-c", CODE.format(code), *libraries],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "VIP_SIDECAR_SOCKET": "/nowhere"},
        timeout=60,
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("code", "needed", "unneeded"),
    [
        pytest.param(NETWORK, "sidecar.net.network", LARGE, id="loop, network and core"),
        pytest.param(
            ROUTER,
            "sidecar.router.shell",
            LARGE | {"argparse", "hashlib", "hmac", "ast", "dis", "sidecar.cli.command_line"},
            id="router",
        ),
        pytest.param(
            CHILD,
            "pydantic",
            CORE
            | LIBRARIES - {"pydantic", "yaml"}
            | {"asyncio", "ssl", "subprocess", "sidecar.cli.reload_plan", "sidecar.plan.changes.comparison"}
            | {"argparse", "sidecar.channel.reload", "sidecar.core.health.effective_priority"}
            | {"sidecar.config.check.http", "sidecar.config.check.dns"},
            id="configuration child",
        ),
        pytest.param(
            OBSERVER,
            "sidecar.observer.shell",
            CORE
            | LIBRARIES - {"prometheus_client", "structlog"}
            | {
                "pygments",
                "multiprocessing",
                "sidecar.telemetry.page.build",
                "sidecar.telemetry.explain.explanation",
            }
            | {"sidecar.pools.pool_loop", "sidecar.checks.docker.feed", "sidecar.net", "sidecar.config"}
            # OpenSSL, and HTTP of the standard library: together a quarter of the memory of an observer.
            | {"ssl", "_ssl", "hashlib", "_hashlib", "http.client", "http.server", "urllib.request"}
            | {"email", "html", "socketserver", "wsgiref", "tempfile", "shutil", "gzip", "pickle", "uuid"}
            | {"ast", "dis"},
            id="observer",
        ),
        pytest.param(
            HEALTH_CHECK,
            "sidecar.cli.control",
            LARGE | {"argparse", "typing", "dataclasses", "socket", "selectors", "enum", "re"},
            id="health check",
        ),
        pytest.param(
            STATUS,
            "sidecar.cli.status_table",
            LARGE - {"http", "urllib", "json", "pathlib"} | {"difflib", "sidecar.core.params"},
            id="status",
        ),
    ],
)
def test_a_process_loads_nothing_that_it_does_not_need(code: str, needed: str, unneeded: set[str]) -> None:
    loaded = loaded_by(code)
    assert needed in loaded
    assert not loaded & unneeded
