"""Situations that come about on the LAN: cuts, another machine, another program. Plays for situations.py."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Final

from tests.netns.keepalived import keepalived
from tests.netns.lab import Lab, wait_until
from tests.netns.lan import Lan
from tests.netns.nodes import READ, states, url
from tests.netns.overheard import cut_off, filtered, lost_on_the_way

Cut = Callable[[Lan], AbstractContextManager[None]]

CUTS: Final[tuple[tuple[str, Cut], ...]] = (
    ("the packet filter of b drops adverts of a", lambda lan: filtered(lan, "b", "a")),
    ("the switch drops adverts of a", lambda lan: lost_on_the_way(lan, "a")),
    ("the switch drops adverts of both", lambda lan: lost_on_the_way(lan, "a", "b")),
)
"""Cuts in which both serve, although something of each still arrives at the other one."""


def cuts(lab: Lab) -> Iterator[str]:
    """Adverts get lost in one direction, in the other one, in both; at last nothing arrives any more."""
    a, b = lab.hosts["a"], lab.hosts["b"]
    lab.start()
    with filtered(lab.lan, "a", "b"):
        yield "the packet filter of a drops adverts of b"
    for name, cut in CUTS:
        wait_until(lambda: states(a) == {url("b"): "BACKUP"}, READ, "a reads b")
        with cut(lab.lan):
            await_two(lab)
            yield name
        lab.await_sole("a", READ)
    wait_until(lambda: states(b) == {url("a"): "MASTER"}, READ, "b reads a")
    with cut_off(lab.lan, "a", "b"):
        await_two(lab)
        yield "a and b hear nothing at all of each other"


def await_two(lab: Lab) -> None:
    """Wait until two hosts have the VIP."""
    wait_until(lambda: len(lab.holders()) == 2, READ, "two hosts hold the VIP")


def third_machine(lab: Lab) -> Iterator[str]:
    """A machine that is no VRRP host has the VIP, and says nothing of it by itself."""
    lab.start()
    lab.lan.members["rogue"].ip(f"addr add {lab.setup.vip}/32 dev eth0")
    yield "a third machine answers for the VIP"


def other_program(lab: Lab) -> Iterator[str]:
    """keepalived is enabled still."""
    lab.start()
    a = lab.hosts["a"]
    beside = keepalived(a.namespace, "a", 100, a.daemon.log.parent, lab.setup)
    beside.start()
    try:
        yield "keepalived beside the sidecar on a"
    finally:
        beside.kill()


def foreign_vip(lab: Lab) -> Iterator[str]:
    """The network configuration of a host has the VIP."""
    lab.hosts["a"].namespace.ip(f"addr add {lab.setup.vip}/24 dev eth0")
    for host in lab.hosts.values():
        host.daemon.start()
    for each in "ab":
        lab.await_listening(each)
    yield "a has the VIP from its network configuration"
