"""Remembers what was overheard: bounded, whatever is invented on the LAN. Pure but for what it remembers."""

from collections.abc import Iterable
from dataclasses import replace
from math import inf
from types import MappingProxyType
from typing import Final

from sidecar.core.address import Address
from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.state import Reason, State
from sidecar.core.wire.advert import Advert, decode
from sidecar.core.wire.captured import Datagram, Frame, Spoken, Word, read
from sidecar.telemetry.lan.picture import AdvertsHeard, Course, LanPicture, Sender, WordHeard

MOST: Final = 64
"""Senders, kinds of adverts and words about addresses that are remembered, each."""
WORD: Final = 15.0
"""Seconds for which a word about an address counts. A sidecar says every 10 s where its VIPs are."""

_ANY_TTL: Final = 0
_MAC_SIZE: Final = 6
"""Bytes of an Ethernet address. Tunnels have others, which nobody hears."""
_Kind = tuple[str, bool, Address, str, Advert]
_About = tuple[str, Word, Address, str]


class LanEvidence:
    """For one thread. `routers` are the latest pictures of the routers of this host."""

    def __init__(self) -> None:
        self._since = inf
        self._own: dict[str, str] = {}
        self._of_host: frozenset[str] = frozenset()
        self._adverts: dict[_Kind, AdvertsHeard] = {}
        self._words: dict[_About, WordHeard] = {}
        self._senders: dict[tuple[Address, str], Sender] = {}
        self._routers: dict[str, RouterSnapshot] = {}
        self._courses: dict[str, Course] = {}
        self._followed: dict[str, tuple[Address, float]] = {}
        self._alive: dict[str, float] = {}

    def heard(self, interface: str, own: bytes, frames: Iterable[Frame], at: float) -> None:
        """Take packets that came within the last moment, on an interface with this MAC address."""
        self._since = min(self._since, at)
        if len(own) == _MAC_SIZE:
            self._own[interface] = own.hex(":")
        self._forget(at)
        for frame in frames:
            if not frame.outgoing and (mac := frame.mac.hex(":")) in self._alive:
                self._alive[mac] = at
            match read(frame):
                case Datagram() as datagram:
                    self._datagram(interface, frame, datagram, at)
                case Spoken(word, address, mac) if not frame.outgoing and not self._is_own(mac):
                    self._word(interface, word, address, mac, at)
                case _:
                    pass

    def own(self, macs: frozenset[str]) -> None:
        """Know the MAC addresses of this host: it may answer with any of them."""
        self._of_host = macs

    def hosts(self, macs: Iterable[str]) -> None:
        """Know the MAC addresses of the other hosts: what is overheard of them is a sign of life."""
        said = {word.mac: word.last for word in self._words.values()}
        self._alive = {mac: self._alive.get(mac, said.get(mac, -inf)) for mac in macs}

    def router(self, told: RouterSnapshot, at: float) -> bool:
        """A router of this host stands like this. Return whether its adverts are others now."""
        self._since = min(self._since, at)
        before = self._routers.get(told.name)
        self._routers[told.name] = told
        changed = before is None or _role(before) != _role(told)
        if changed:
            course = self._courses.get(told.name, Course(at))
            self._courses[told.name] = replace(course, changed=at)
        if told.state is State.BACKUP and told.master is not None:
            self._followed[told.name] = told.master.source, told.master.heard_at
        return changed

    def moved(self, name: str, state: State, reason: Reason, at: float) -> None:
        """A router of this host changed its state."""
        lost: tuple[Address | None, float] = None, -inf
        if state is State.MASTER:
            followed = self._followed.pop(name, None)
            # A master that resigned, or that was replaced, is missed by nobody.
            if reason is Reason.MASTER_DOWN:
                lost = self._last_master(name) or followed or lost
        self._courses[name] = Course(at, *lost)

    def keep(self, names: Iterable[str]) -> None:
        """Forget the other routers: they are gone."""
        here = set(names)
        for of_router in (self._routers, self._courses, self._followed):
            for name in of_router.keys() - here:
                del of_router[name]

    def picture(self) -> LanPicture:
        """Return everything that still counts."""
        return LanPicture(
            self._since,
            self._of_host.union(self._own.values()),
            tuple(self._adverts.values()),
            tuple(self._words.values()),
            tuple(self._senders.values()),
            MappingProxyType(dict(self._courses)),
            MappingProxyType(dict(self._own)),
            MappingProxyType(dict(self._alive)),
        )

    def _last_master(self, name: str) -> tuple[Address, float] | None:
        """Return the host that advertised last for this router, and when. Pictures may be older."""
        router = self._routers.get(name)
        heard = [
            each
            for each in self._adverts.values()
            if router is not None and not each.outgoing and each.names(router)
        ]
        last = max(heard, key=lambda each: each.last, default=None)
        return None if last is None else (last.source, last.last)

    def _is_own(self, mac: str) -> bool:
        return mac in self._of_host or mac in self._own.values()

    def _datagram(self, interface: str, frame: Frame, datagram: Datagram, at: float) -> None:
        source, to, ttl, payload = datagram.source, datagram.destination, datagram.ttl, datagram.payload
        advert = decode(payload, source, to, ttl, _ANY_TTL)
        if not isinstance(advert, Advert) or (frame.outgoing and not ttl):
            return  # damaged, or a trial that leaves nowhere
        plain = replace(advert, password=None, trailer=b"")
        mac = frame.mac.hex(":")
        heard = AdvertsHeard(interface, frame.outgoing, source, mac, plain, at, at)
        if not any(heard.concerns(router) for router in self._routers.values()):
            return
        if not frame.outgoing:
            before = self._senders.get((source, mac))
            advertised = at if advert.priority else (-inf if before is None else before.advertised)
            self._note_sender(Sender(source, mac, advertised, at))
        if advert.priority:
            self._note_adverts(heard, at)
        else:
            self._resigned(interface, source, mac, advert.vrid)

    def _note_adverts(self, heard: AdvertsHeard, at: float) -> None:
        key = heard.interface, heard.outgoing, heard.source, heard.mac, heard.advert
        before = self._adverts.get(key)
        if before is not None:
            heard = replace(before, last=at, number=before.number + 1)
        elif len(self._adverts) >= MOST:
            # Invented senders are heard once: those that were heard often stay.
            del self._adverts[min(self._adverts, key=lambda each: self._rank(self._adverts[each]))]
        self._adverts[key] = heard

    @staticmethod
    def _rank(heard: AdvertsHeard) -> tuple[int, float]:
        return heard.number, heard.last

    def _resigned(self, interface: str, source: Address, mac: str, vrid: int) -> None:
        """Its adverts are over. Those of another program of that host are not, and come again."""
        for key, each in tuple(self._adverts.items()):
            if (each.interface, each.source, each.mac, each.advert.vrid) == (interface, source, mac, vrid):
                del self._adverts[key]

    def _note_sender(self, sender: Sender) -> None:
        key = sender.source, sender.mac
        if key not in self._senders and len(self._senders) >= MOST:
            del self._senders[min(self._senders, key=lambda each: self._senders[each].alive)]
        self._senders[key] = sender

    def _word(self, interface: str, word: Word, address: Address, mac: str, at: float) -> None:
        for known, sender in tuple(self._senders.items()):
            if sender.mac == mac:
                self._senders[known] = replace(sender, alive=at)
        if not any(
            router.interface == interface and any(vip.ip == address for vip in router.vips)
            for router in self._routers.values()
        ):
            return
        key = interface, word, address, mac
        before = self._words.get(key)
        if before is None and len(self._words) >= MOST:
            del self._words[min(self._words, key=lambda each: self._words[each].last)]
        began = at if before is None else before.began
        self._words[key] = WordHeard(interface, word, address, mac, began, at)

    def _forget(self, at: float) -> None:
        """Forget what has been silent for long. The senders stay: their silence is what is told."""
        for key, heard in tuple(self._adverts.items()):
            if at - heard.last > heard.patience:
                del self._adverts[key]
        for about, word in tuple(self._words.items()):
            if at - word.last > WORD:
                del self._words[about]


def _role(router: RouterSnapshot) -> tuple[object, ...]:
    """Return what its own adverts are made of."""
    return router.state, router.effective_priority, router.vrid, router.version, router.vips
