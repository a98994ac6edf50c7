"""Signs of life answer those of the router, and come by themselves when there are none."""

import asyncio
from collections.abc import Iterator

import pytest

from sidecar.observer.sign_of_life import CHECKED, IDLE, SignOfLife


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time is set by hand."""

    now = 100.0

    def time(self) -> float:
        return self.now

    def at(self, now: float) -> None:
        """It is so late now: serve what is due."""
        self.now = now
        self.call_soon(self.stop)
        self.run_forever()


class Desk:
    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.checked = False
        self.said: list[float] = []
        self.life = SignOfLife(loop, lambda: self.said.append(loop.now), lambda: self.checked)


@pytest.fixture
def desk() -> Iterator[Desk]:
    loop = Loop()
    yield Desk(loop)
    loop.close()


def test_the_router_is_answered_and_nothing_more_is_said(desk: Desk) -> None:
    desk.life.give()
    for second in range(1, 6):
        desk.loop.at(100.0 + second)
        desk.life.answer()
    assert desk.said == [100.0 + second for second in range(6)]


def test_a_router_that_says_more_is_not_answered_more(desk: Desk) -> None:
    desk.life.give()
    for turn in range(1, 41):
        desk.loop.at(100.0 + turn * 0.05)
        desk.life.answer()
    assert len(desk.said) <= 1 + 2.0 / 0.4


@pytest.mark.parametrize(("checked", "pause"), [(True, CHECKED), (False, IDLE)])
def test_without_the_router_it_comes_by_itself(desk: Desk, checked: bool, pause: float) -> None:
    desk.checked = checked
    desk.life.give()
    for turn in range(1, 4):
        desk.loop.at(100.0 + turn * pause + 0.001)
    assert len(desk.said) == 4
