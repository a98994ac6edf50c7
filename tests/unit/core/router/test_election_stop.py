"""Stopping: first the removal, then the resignation."""

from sidecar.core.events import (
    Started,
    StopRequested,
    VipsDropped,
    VipsHeld,
)
from tests.unit.core.stage import (
    DROP,
    DROPPED,
    LINK,
    backup,
    commands,
    kinds,
    master,
    node,
)


def test_stopping_removes_first_and_resigns_when_that_is_confirmed() -> None:
    node = master(at=10.0)
    actions = node.step([StopRequested("asked")], 10.5)
    assert commands(actions) == [DROP]
    assert not node.stopped
    assert kinds(node.step([DROPPED], 10.6)) == ["SendAdvert(0)"]
    assert node.stopped


def test_a_removal_that_fails_is_never_followed_by_priority_zero_until_it_succeeds() -> None:
    node = master(at=10.0)
    node.step([StopRequested("asked")], 10.5)
    assert kinds(node.step([VipsDropped("web", "EBUSY")], 10.5)) == []
    assert kinds(node.step([], 10.6)) == ["DropVips"]
    assert kinds(node.step([DROPPED], 10.7)) == ["SendAdvert(0)"]


def test_stopping_while_the_kernel_is_being_asked_takes_it_back_in_silence() -> None:
    node = backup()
    node.step([], 4.0)
    assert commands(node.step([StopRequested("asked")], 4.1)) == [DROP]
    assert commands(node.step([VipsHeld("web", 4.0)], 4.2)) == []
    assert not node.stopped
    assert commands(node.step([DROPPED], 4.3)) == []
    assert node.stopped


def test_stopping_during_the_sweep_waits_for_it() -> None:
    new = node()
    new.step([LINK, Started()], 0.0)
    new.step([StopRequested("asked")], 0.1)
    assert not new.stopped
    new.step([DROPPED], 0.2)
    assert new.stopped
