"""Floods of adverts that pass every filter in the kernel, and how much of them a host has looked at."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.netns.counters import Counters, by_label, risen
from tests.netns.lab import Lab, wait_until
from tests.netns.recorder import Recorder
from tests.netns.rogue import Forgery

TRAILER = 28
SENDERS = [f"10.77.{third}.{last}" for third in (1, 2, 3, 4) for last in range(1, 251)]
"""A thousand; the network of the lab is 10.77.0.0/24."""


@contextmanager
def auth() -> Iterator[dict[str, Any]]:
    """Keys of a router that enforces signatures."""
    with tempfile.TemporaryDirectory() as folder:
        key = Path(folder) / "key"
        key.touch(0o600)
        key.write_text("hex:" + "5a" * 32)
        yield {"auth": {"hmac": [{"id": 1, "key_file": str(key)}], "mode": "enforce"}}


def recorded_trailers(lab: Lab, *, of: str = "a") -> list[bytes]:
    """Trailers of three adverts of a host that were on the LAN just now."""
    with Recorder(lab.lan.members["rogue"]) as recorder:
        found: list[bytes] = []

        def record() -> bool:
            frames = recorder.recorded()
            found.extend(frame[-TRAILER:] for frame in frames if frame[29] == int(lab.hosts[of].address[-2:]))
            return len(found) >= 3

        wait_until(record, 3, f"three adverts of {of}")
    return found


def with_trailers(
    trailers: Sequence[bytes], interval_cs: int, senders: Sequence[str] = SENDERS, **about: Any
) -> list[Forgery]:
    """Adverts that pass for signed ones until their signature is looked at, each of another sender."""
    return [
        Forgery(source=sender, trailer=trailers[n % len(trailers)], interval_cs=interval_cs, **about)
        for n, sender in enumerate(senders)
    ]


def looked_at(before: Counters, after: Counters) -> float:
    """How many packets the sidecar has read, accepted or refused."""
    dropped = by_label(before, after, "vipsidecar_vrrp_adverts_dropped_total", "reason")
    accepted = risen(before, after, "vipsidecar_vrrp_adverts_received_total")
    zeros = risen(before, after, "vipsidecar_vrrp_priority_zero_received_total")
    return accepted + zeros + sum(dropped.values()) - dropped.get("flood", 0)
