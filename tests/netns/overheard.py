"""Ways in which a host hears only a part of the LAN, and what its status says of that."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from sidecar.telemetry.verdict import judge
from tests.netns.lab import Host, Lab
from tests.netns.lan import Lan, address
from tests.netns.namespace import Namespace
from tests.netns.nodes import asked

NAMED: Final = 12.0
"""Seconds after which each of two holders names the other one (docs/status.md)."""


@contextmanager
def _table(namespace: Namespace, family: str, hook: str, rule: str) -> Iterator[None]:
    text = (
        f"table {family} cut {{ chain in {{ type filter hook {hook} priority 0; {rule} counter drop\n}}\n}}\n"
    )
    namespace.run("nft", "-f", "-", stdin=text)
    try:
        yield
    finally:
        namespace.run("nft", "delete", "table", family, "cut")


def filtered(lan: Lan, listener: str, to: str) -> AbstractContextManager[None]:
    """The packet filter of a host drops the adverts of another one."""
    return _table(lan.members[listener], "inet", "input", f"ip saddr {address(to)} ip protocol 112")


def lost_on_the_way(lan: Lan, *speakers: str) -> AbstractContextManager[None]:
    """The switch drops the adverts of hosts, and nothing else."""
    ports = ", ".join(f"p-{each}" for each in speakers)
    return _table(lan.switch, "netdev", f"ingress devices = {{ {ports} }}", "meta l4proto 112")


def cut_off(lan: Lan, one: str, other: str) -> AbstractContextManager[None]:
    """The switch passes nothing at all between two hosts."""
    ports = f'{{ "p-{one}", "p-{other}" }}'
    return _table(lan.switch, "bridge", "forward", f"iifname {ports} oifname {ports}")


def tells(host: Host, code: int, words: str = "") -> bool:
    """Whether the verdict of a host has this exit code now, and these words among its reasons."""
    status = asked(host)
    verdict = None if status is None else judge(status)
    return verdict is not None and verdict.code == code and words in " ".join(verdict.reasons)


def assert_named_in_time(lab: Lab, begun: float) -> None:
    """Both hosts have just named each other: that took no longer than is promised."""
    took = time.monotonic() - begun
    assert took <= NAMED + lab.grace(begun), f"they named each other after {took:.1f} s"
