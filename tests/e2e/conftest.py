"""One lab for all tests of a module: each test finds host a serving alone.

With more than one worker, one of them has all tests that bring up the compose lab, whose addresses and
networks are there once; beside them tests of engines of their own go on, a module at a time.
"""

from collections.abc import Iterator

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.e2e.compose_lab import ROOT, ComposeLab, run


class LabOnOneWorker(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives out whole modules, and all those of the lab as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return "lab" if ComposeLab.__name__ in (ROOT / module).read_text(encoding="utf-8") else module


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Say which tests must not run side by side."""
    return LabOnOneWorker(config, log)


@pytest.fixture(scope="session")
def image() -> str:
    """The sidecar's image, built from this source tree."""
    run("docker", "compose", "build", "--quiet", "sidecar-a")
    return "vip-sidecar"


@pytest.fixture(scope="module")
def shared_lab() -> Iterator[ComposeLab]:
    with ComposeLab(profiles=["monitoring"]) as lab:
        yield lab


@pytest.fixture
def lab(shared_lab: ComposeLab) -> Iterator[ComposeLab]:
    shared_lab.settle()
    try:
        yield shared_lab
    except BaseException as error:
        error.add_note(shared_lab.logs())
        raise
