"""Thousands of changes of the host's network that are none of our business, at once.

Each burst happens twice in the same run: in a namespace of nobody, where it only loads the machine, and
in that of the master. What the second adds is what the sidecar makes of it.
"""

import time
from collections.abc import Iterable

import pytest

from tests.netns.counters import counters, resident_bytes, risen
from tests.netns.lab import Lab
from tests.netns.lan import VIP
from tests.netns.namespace import Namespace
from tests.netns.sightings import advert_gaps
from tests.netns.vrrp_daemon import Setup, router_status
from tests.sample import sample

pytestmark = [pytest.mark.netns, pytest.mark.alone]

A = 1.0
LATE = 0.1
"""Seconds by which a burst may delay an advert beyond what the same load elsewhere does."""
RIGHT = 1.0
"""Seconds after a burst until the view of what is ours is right."""
GROWTH = 4 << 20
"""Bytes of memory that a second burst may take. Of the first some stays with the allocator."""

MANY = [f"10.{80 + n // 62500}.{n // 250 % 250}.{n % 250 + 1}/32 dev far" for n in range(5000)]


def pairs(prefix: str) -> list[str]:
    """Lines that add 500 pairs of interfaces, which can be removed together."""
    return [f"link add {prefix}{n}a group 7 type veth peer name {prefix}{n}b" for n in range(500)]


def addresses(verb: str, amount: int) -> list[str]:
    """Lines that add or remove addresses of an interface that no router uses."""
    return [f"address {verb} {each}" for each in MANY[:amount]]


BURSTS = {
    "5000 addresses added, then removed": [*addresses("add", 5000), *addresses("del", 5000)],
    "1000 interfaces": pairs("p"),
    "1000 interfaces, each with an address": [
        *pairs("p"),
        *(f"address add 10.90.{n // 250}.{n % 250 + 1}/32 dev p{n}a" for n in range(500)),
    ],
}


def burst(namespace: Namespace, lines: Iterable[str]) -> float:
    """Run the lines in one go, in pieces that each end in time. Return how long that took."""
    begun, lines = time.monotonic(), list(lines)
    for at in range(0, len(lines), 1000):
        namespace.ip(*lines[at : at + 1000])
    return time.monotonic() - begun


def tidy(namespace: Namespace) -> None:
    """Remove what a burst has left, so that it can come again."""
    namespace.run("ip", "link", "del", "group", "7")


@pytest.mark.timing
@pytest.mark.parametrize("name", sample(map(pytest.param, BURSTS)))
def test_a_burst_of_changes_moves_nothing_delays_no_advert_and_leaves_the_view_right(name: str) -> None:
    lines = BURSTS[name]
    nobody = Namespace()
    try:
        with Lab(Setup(interval=A, checks={})) as lab:
            lab.start()
            lab.settle()
            a = lab.hosts["a"]
            for namespace in (nobody, a.namespace):
                namespace.ip("link add far group 8 type veth peer name away group 8", "link set far up")
            before = counters(a.namespace)

            seen = lab.witness.mark
            alone = burst(nobody, lines)
            lab.watch_for(2.5 * A)
            control = max(advert_gaps(lab.witness.since(seen), "a"))

            memory = []
            for _ in range(2):
                seen = lab.witness.mark
                took = burst(a.namespace, lines)
                a.namespace.ip(f"address del {VIP}/32 dev eth0")
                lab.await_sighting("added", "a", RIGHT, lab.witness.mark - 1, address=VIP)
                lab.watch_for(2.5 * A)
                memory.append(resident_bytes(a.daemon.pid))
                gap = max(advert_gaps(lab.witness.since(seen), "a"))
                print(f"{name}: {took:.1f} s ({alone:.1f} elsewhere), gap {gap:.3f} ({control:.3f})")
                assert gap <= max(control, A) + LATE
                if "interfaces" in name:
                    tidy(a.namespace)
            now = counters(a.namespace)
            print(f"memory {memory[0] >> 10} then {memory[1] >> 10} KiB")
            assert router_status(a.namespace)["state"] == "MASTER"
            assert risen(before, now, "vipsidecar_vrrp_transitions_total") == 0
            assert memory[1] - memory[0] <= GROWTH
            assert not [e for e in lab.witness.since() if e.is_("advert", "b")]
    finally:
        nobody.close()
