"""A part of another interface hears nothing of its own: that is known, with the line that mends it."""

import pytest

from sidecar.core.events import InterfaceChanged
from tests.kernel.desk import desk
from tests.kernel.own_namespace import inside, ip

pytestmark = pytest.mark.netns


def deaf(changed: InterfaceChanged) -> bool:
    """Whether it cannot be listened on."""
    return changed.state is not None and bool(changed.state.listen_error)


def test_a_port_of_a_bridge_is_deaf_until_it_is_none() -> None:
    def work() -> None:
        ip("link add br9 type bridge")
        with desk() as d:
            first = d.until(InterfaceChanged)
            assert not deaf(first)
            ip("link set v0 master br9")
            changed = d.until(InterfaceChanged, deaf)
            assert changed.state is not None
            assert changed.state.listen_error == (
                "it is a port of the bridge br9, which takes whatever arrives: write `interface: br9`, "
                "where the addresses of this host belong, too"
            )
            ip("link set v0 nomaster")
            d.until(InterfaceChanged, lambda again: not deaf(again))
            assert not d.troubles

    inside(work)


def test_a_router_on_the_bridge_itself_hears() -> None:
    def work() -> None:
        ip("link add v0x type bridge")
        ip("link set v1 master v0x")
        with desk() as d:
            assert not deaf(d.until(InterfaceChanged))

    inside(work)
