"""One lab for all tests of a module: each test finds host a serving alone.

With more than one worker (`--dist loadgroup`) a worker has all tests that bring up the compose lab, whose
addresses and networks are there once; beside them tests of engines of their own go on, a module at a time.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.compose_lab import ComposeLab, run

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before xdist, which reads the mark once
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests must not run side by side."""
    for item in items:
        if isinstance(item, pytest.Function) and item.path.is_relative_to(HERE):
            labs = ComposeLab in vars(item.module).values() or "shared_lab" in item.fixturenames
            item.add_marker(pytest.mark.xdist_group("lab" if labs else item.path.stem))


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
