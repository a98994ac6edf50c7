"""When to ask on the LAN for the VIPs, and with which frames. Answers are overheard; nobody waits for them.

A machine that has a VIP although it is none of the hosts answers (RFC 5227 section 2.1.1), and a host whose
adverts do not arrive, too. The question is also a sign of life of a host that waits and says nothing by VRRP.
"""

from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from ipaddress import IPv4Address, IPv6Address
from itertools import count
from typing import Final

from sidecar.core.address import Vip
from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.state import State
from sidecar.core.wire import arp, ndp

FIRST: Final = 3
"""Questions for each VIP in a row: one or its answer may be lost (PROBE_NUM)."""
SPACING: Final = 1.0
"""Seconds between them (PROBE_MIN)."""
EARLY: Final = 0.05
"""Seconds by which one may be early: whoever asks comes about once a second."""
EVERY: Final = 10.0
"""Seconds between two questions later: as often as a MASTER says where its VIPs are."""
SETTLED: Final = 2.0
"""Seconds after a takeover before which an answer may be of the master before."""
BATCH: Final = 8
"""Questions at a time. Where there are more VIPs, each is asked for less often."""

_Key = tuple[str, Vip]


class VipProbes:
    """The schedule. Times are seconds of the core's clock."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, _Key]] = []
        self._order = count()
        self._asked: dict[_Key, int] = {}
        self._routers: tuple[RouterSnapshot, ...] = ()
        self._known: dict[str, RouterSnapshot] = {}
        self._roles: dict[str, tuple[str, State, tuple[Vip, ...]]] = {}

    def frames(
        self, routers: tuple[RouterSnapshot, ...], macs: Mapping[str, bytes], now: float
    ) -> Iterator[tuple[str, bytes]]:
        """Yield what is to be sent now: the kernel's name of an interface and a frame.

        `macs` are the MAC addresses of the interfaces on which answers are overheard.
        """
        if routers is not self._routers:
            self._routers = routers
            self._known = {router.name: router for router in routers}
            self._keep(self._known, now)
        for _ in range(BATCH):
            if not self._due or self._due[0][0] > now + EARLY:
                return
            _, _, key = heappop(self._due)
            router = self._known.get(key[0])
            if key not in self._asked or router is None:
                continue
            self._asked[key] += 1
            self._plan(key, now + (SPACING if self._asked[key] < FIRST else EVERY))
            frame = _question(router, key[1], macs.get(router.interface, b""))
            if frame:
                yield router.device, frame

    def _keep(self, known: Mapping[str, RouterSnapshot], now: float) -> None:
        """Begin with what is new or has changed its role, and forget what is gone."""
        for name in self._roles.keys() - known.keys():
            self._forget(name)
        for name, router in known.items():
            role = router.device, router.state, router.vips
            before = self._roles.get(name)
            if before != role:
                self._forget(name)
                self._roles[name] = role
                takeover = before is not None and router.state is State.MASTER
                for vip in router.vips if router.device and router.state is not State.INIT else ():
                    self._asked[name, vip] = 0
                    self._plan((name, vip), now + (SETTLED if takeover else 0.0))

    def _forget(self, name: str) -> None:
        if self._roles.pop(name, None) is not None:
            self._asked = {key: asked for key, asked in self._asked.items() if key[0] != name}
            self._due = sorted(each for each in self._due if each[2][0] != name)

    def _plan(self, key: _Key, at: float) -> None:
        heappush(self._due, (at, next(self._order), key))


def _question(router: RouterSnapshot, vip: Vip, mac: bytes) -> bytes:
    """Return the frame that asks for a VIP, b"" where this host has no address to ask from."""
    if len(mac) != 6:  # noqa: PLR2004 - no Ethernet
        return b""
    if isinstance(vip.ip, IPv4Address):
        return arp.probe(vip.ip, mac)
    source = router.contention.source
    if not isinstance(source, IPv6Address) or not source.is_link_local:
        return b""  # duplicate address detection asks from nowhere, and would fail whoever adds the VIP
    return ndp.solicitation(vip.ip, source, mac)
