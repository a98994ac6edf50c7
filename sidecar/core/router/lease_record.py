"""The record that the kernel keeps with the VIPs for the next process, in one number of 32 bits.

A process that was killed leaves nothing else behind: its memory is gone, and so are the files of a container
that is started again. The number says which router held the VIPs, with which effective priority, and whether
the checks of that life had said so. It is written with each renewal of the lease, in the same request, so it
is neither newer nor older than the lease.
"""

from dataclasses import dataclass
from math import inf
from typing import Final
from zlib import crc32

from sidecar.core.params import RouterParams
from sidecar.core.router.identity import identity

_PRIORITY_BITS, _SECONDS_BITS, _DIGEST_BITS = 8, 4, 20
_CONFIRMED: Final = (1 << _SECONDS_BITS) - 1
MOST_SECONDS: Final = _CONFIRMED - 1


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """`priority` is 1 to 255. `seconds`: for how long it counts without checks; infinity: they said it."""

    priority: int
    seconds: float = inf

    def number(self, params: RouterParams) -> int:
        """Return it as a number, for a router of these parameters. Never 0. Seconds are rounded down."""
        seconds = _CONFIRMED if self.seconds == inf else min(MOST_SECONDS, max(0, int(self.seconds)))
        return (_digest(params) << _SECONDS_BITS | seconds) << _PRIORITY_BITS | self.priority


def read(number: int, params: RouterParams) -> LeaseRecord | None:
    """Return the record, None if it is not one of this router as it is configured now."""
    head, priority = divmod(number, 1 << _PRIORITY_BITS)
    digest, seconds = divmod(head, 1 << _SECONDS_BITS)
    if digest != _digest(params) or not priority:
        return None
    return LeaseRecord(priority, inf if seconds == _CONFIRMED else seconds)


def _digest(params: RouterParams) -> int:
    """Return a digest of everything that must be the same for a lease to be a proof.

    The interval and the lease are what peers and the kernel count by. Names, priorities, peers and keys may
    change: a reload keeps the role then, too.
    """
    addresses = sorted(str(vip.ip) for vip in params.addresses)
    facts = (*identity(params), params.interval_cs, params.lease, *addresses)
    return crc32(repr(facts).encode()) % (1 << _DIGEST_BITS)
