"""Tests that this machine can run. With STRICT=1 a test that cannot run has failed."""

import gc
import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from functools import cache

import pytest
from hypothesis import HealthCheck, settings

from tests.lateness import Lateness, measured
from tests.netns.chroot import TREE

pytest_plugins = ["tests.repeats"]

# How long an example takes says how busy the machine is, and nothing about the code. What CI says about a
# commit must not depend on luck; at a desk, luck finds more.
settings.register_profile(
    "here",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("here")

STRICT = os.environ.get("STRICT") == "1"


@pytest.fixture
def lateness() -> Iterator[Lateness]:
    """Grace of a busy machine on a bound on time, by its own measure while the test runs."""
    with measured() as late:
        yield late


@cache
def _no_namespaces() -> str:
    missing = [tool for tool in ("ip", "nft", "nginx", "nsenter", "unshare") if not shutil.which(tool)]
    if missing:
        return f"no {', '.join(missing)}; apt-get install iproute2 nftables nginx util-linux enables it"
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode:
        return "no right to make network namespaces; sudo make e2e enables it"
    return ""


@cache
def _no_engine() -> str:
    for words, enable in (
        (["docker", "info"], "a running Docker engine (.ci/dockerd start, as root)"),
        (["docker", "compose", "version"], "the compose plugin (.ci/compose-plugin)"),
    ):
        try:
            failed = subprocess.run(words, check=False, capture_output=True).returncode
        except FileNotFoundError:
            return "no docker command; apt-get install docker.io enables it"
        if failed:
            return f"`{' '.join(words)}` fails; {enable} enables it"
    # The instruments look into the containers' namespaces from outside.
    return _no_namespaces()


@cache
def _no_peers() -> str:
    for tool in ("keepalived", "tshark"):
        if not shutil.which(tool):
            return f"no {tool}; apt-get install {tool} enables it"
    if not TREE.is_dir():
        return f"no keepalived 2.3.3 and FRR 10.3 in {TREE}; .ci/peers (as root) makes it"
    return _no_namespaces()


@cache
def _no_browser() -> str:
    if not shutil.which("chromium"):
        return "no chromium; apt-get install chromium fonts-dejavu-core enables it"
    return ""


_NEEDS: dict[str, Callable[[], str]] = {
    "netns": _no_namespaces,
    "interop": _no_peers,
    "e2e": _no_engine,
    "browser": _no_browser,
}


def pytest_collection_finish() -> None:
    """Let the garbage collector look no more at thousands of tests, which stay: a tenth of a run was that."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what the machine lacks the means for, and say what would enable it."""
    for marker, why_not in _NEEDS.items():
        if item.get_closest_marker(marker) and (reason := why_not()):
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under STRICT=1 turn every skip, for whatever reason, into a failure."""
    report = yield
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped under STRICT=1: {report.longrepr}"
    return report
