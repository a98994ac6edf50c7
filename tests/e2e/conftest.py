"""One lab for all tests of a module: each test finds host a serving alone."""

from collections.abc import Iterator

import pytest

from tests.e2e.compose_lab import ComposeLab, run


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
