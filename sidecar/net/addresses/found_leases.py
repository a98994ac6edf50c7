"""Leftovers of an earlier process: VIPs with our mark, the rest of their lease, and its record.

Asked once, at the start. The kernel tells the rest of a lifetime in whole seconds, rounded up, and to a
hundredth of a second when it was set: that counts, where it can be known.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sidecar.core.address import Vip
from sidecar.core.events import LeaseFound, LeasesFound
from sidecar.core.params import RouterParams
from sidecar.net.kernel.host_address import host_address
from sidecar.net.kernel.link import AddressKey, address_key
from sidecar.net.kernel.reader import addresses_of
from sidecar.net.kernel.rtnetlink import ADDRESS, NEW_ADDRESS, NUMBER, attributes, messages
from sidecar.net.kernel.ticks import seconds_since
from sidecar.net.kernel.view import KernelView

_CACHEINFO: Final = 6
_RT_PRIORITY: Final = 9
_LIFETIMES: Final = struct.Struct("=4I")
"""Preferred and valid lifetime in seconds; when it was added and last changed in hundredths of a second."""
_FOR_EVER: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class _Left:
    """`seconds` of the lease of one address, at least, and its record."""

    seconds: float
    record: int


def found_leases(
    routers: Iterable[RouterParams], view: KernelView, clock: Callable[[], float]
) -> LeasesFound | None:
    """Return what there is of each router that has anything here, None if none has. Raises OSError."""
    found = []
    for router in routers:
        owned = view.holds(router.vip_interface, router.addresses).owned
        index = view.index(router.vip_interface)
        if owned and index is not None:
            asked_at, left = clock(), _read(index, router.lease)
            each = [left[key] for vip in owned if (key := _key(vip)) in left]
            found.append(_summary(router.name, owned, each, asked_at))
    return LeasesFound(tuple(found)) if found else None


def _summary(router: str, owned: frozenset[Vip], left: list[_Left], asked_at: float) -> LeaseFound:
    """Return the lease of a router: as long as that of each of its VIPs."""
    whole = len(left) == len(owned)
    records = {each.record for each in left} if whole else set()
    seconds = min((each.seconds for each in left), default=0.0) if whole else 0.0
    return LeaseFound(router, owned, asked_at + seconds, records.pop() if len(records) == 1 else 0)


def _key(vip: Vip) -> AddressKey:
    return vip.ip.packed, host_address(vip).network.prefixlen, b""


def _read(index: int, lease: int) -> dict[AddressKey, _Left]:
    """Return what is left of the leases on an interface, by address. Raises OSError."""
    return dict(_leases(addresses_of((index,))[index], lease))


def _leases(told: Iterable[bytes], lease: int) -> Iterator[tuple[AddressKey, _Left]]:
    for data in told:
        for kind, at, end in messages(data):
            said = attributes(data, at + ADDRESS.size, end) if kind == NEW_ADDRESS else {}
            if _CACHEINFO not in said:
                continue
            _, valid, _, changed = _LIFETIMES.unpack_from(said[_CACHEINFO])
            if valid == _FOR_EVER:
                continue
            record = NUMBER.unpack(said[_RT_PRIORITY])[0] if _RT_PRIORITY in said else 0
            yield address_key(data, at, end), _Left(_seconds(valid, changed, lease), record)


def _seconds(valid: int, changed: int, lease: int) -> float:
    """Return the seconds that are left at least, of a lease that was given for so many."""
    since = seconds_since(changed)
    if since is None:
        return max(0.0, valid - 1.0)
    return max(0.0, min(float(valid), lease - since))
