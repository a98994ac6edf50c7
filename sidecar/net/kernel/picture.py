"""Links and addresses of one moment, kept up by the kernel's messages.

Of a host with thousands of addresses only those are kept that concern us: all of our interfaces, and our
VIPs wherever they are. Anything else is passed by after a look at its first bytes. Links are all kept,
because each may get a name that we look for.
"""

import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from sidecar.core.address import Vip
from sidecar.core.params import RouterParams
from sidecar.net.kernel.interface_choice import Carried
from sidecar.net.kernel.link import IP_FAMILIES, AddressKey, Held, Link, address_key, held_address
from sidecar.net.kernel.rtnetlink import (
    ADDRESS,
    DEL_ADDRESS,
    DEL_LINK,
    FAMILY,
    LINK,
    NEW_ADDRESS,
    NEW_LINK,
    NEW_NETCONF,
    SIGNED,
    attributes,
    messages,
)

_NETCONF_INDEX, _NETCONF_FORWARDING = 1, 2


@dataclass(frozen=True, slots=True)
class Holds:
    """Where the VIPs of one router are.

    `owned` are ours and as they must be. `duplicate` are owned ones that failed duplicate address
    detection: what we add skips it, so somebody has put them there anew. `foreign` are anybody else's
    on any interface (named), with the other end of a point-to-point address, else "". `strays` are ours with
    another prefix length or on another interface (named): left by an earlier life with another configuration.
    """

    owned: frozenset[Vip] = frozenset()
    foreign: frozenset[tuple[str, Vip, str]] = frozenset()
    duplicate: frozenset[Vip] = frozenset()
    strays: frozenset[tuple[str, Vip]] = frozenset()


@dataclass(frozen=True, slots=True)
class Concerns:
    """The part of a host that concerns us: interfaces as the configuration chooses them, and packed VIPs."""

    interfaces: frozenset[str]
    vips: frozenset[bytes]
    carried: tuple[Carried, ...] = ()
    """Those of the interfaces that are chosen by an address or a network."""

    @classmethod
    def of(cls, routers: Iterable[RouterParams]) -> "Concerns":
        """Return what concerns these routers."""
        routers = tuple(routers)
        interfaces = {name for router in routers for name in (router.interface, router.vip_interface)}
        return cls(
            frozenset(interfaces),
            frozenset(vip.ip.packed for router in routers for vip in router.addresses),
            tuple(carried for name in sorted(interfaces) if (carried := Carried.of(name)) is not None),
        )

    def about(self, packed: bytes) -> bool:
        """Whether an address concerns us on whatever interface it is."""
        return packed in self.vips or any(carried.has(packed) for carried in self.carried)


@dataclass(slots=True)
class KernelPicture:
    """Links by index. `generation` grows with every change of what concerns us.

    `marks`: whether this kernel keeps IFA_PROTO. `complete`: the links whose addresses are all kept.
    """

    concerns: Concerns
    marks: bool
    generation: int = 0
    vips_changed: set[bytes] = field(default_factory=set)
    """VIPs of ours, packed, that are elsewhere or otherwise than when this was emptied last."""
    others_changed: bool = True
    """Whether anything else has changed since this was unset last."""
    chosen: dict[str, int] = field(default_factory=dict)
    """Indexes of the interfaces that are chosen by what they carry."""
    links: dict[int, Link] = field(default_factory=dict)
    complete: set[int] = field(default_factory=set)
    _names: dict[str, int] = field(default_factory=dict)
    _carried: dict[str, Carried] = field(init=False)
    _choice_known: bool = False
    """Whether nothing has changed by which an interface is chosen since that was looked for."""
    _unchosen: set[str] = field(default_factory=set)
    """Interfaces that were chosen by what nothing carries any more."""
    _places: dict[bytes, set[tuple[int, AddressKey]]] = field(default_factory=dict)
    """By packed address: the indexes of the links that have it, with its key there."""

    def __post_init__(self) -> None:
        self._carried = {carried.interface: carried for carried in self.concerns.carried}

    def link(self, interface: str) -> Link | None:
        """Return the interface of this name, or that carries this, None if there is none, or more than one.

        An interface that was chosen stays chosen as long as it carries it, also when another does, too, and
        while none does: a router that has lost its address must still give up its VIPs there, and say so.
        """
        if interface not in self._carried:
            return self.links.get(self._names.get(interface, 0))
        if not self._choice_known:
            self._unchosen.clear()
            for each in self._carried:
                self._choose(each)
            self._choice_known = True
        return self.links.get(self.chosen[interface])

    def has_lost(self, interface: str) -> bool:
        """Whether nothing carries any more what this interface was chosen by."""
        return self.link(interface) is not None and interface in self._unchosen

    def _choose(self, interface: str) -> None:
        before, candidates = (
            self.chosen.get(interface, 0),
            [each.index for each in self.candidates(interface)],
        )
        if not candidates and before in self.links:
            self._unchosen.add(interface)
        elif before not in candidates:
            self.chosen[interface] = candidates[0] if len(candidates) == 1 else 0

    def candidates(self, interface: str) -> list[Link]:
        """Return the interfaces that carry what this one is chosen by; none if it is chosen by name."""
        carried = self._carried.get(interface)
        links = () if carried is None else self.links.values()
        return [link for link in links if carried is not None and self._carries(link, carried)]

    def _carries(self, link: Link, carried: Carried) -> bool:
        # VIPs and what carries our mark move, and loopback is where some keep addresses of their servers.
        return not link.loopback and any(
            packed not in self.concerns.vips and not (held.ours and self.marks) and carried.has(packed)
            for (packed, *_), held in link.addresses.items()
        )

    def missing(self) -> list[int]:
        """Return the indexes of our links of which not all addresses were kept: they are ours only now."""
        ours = (self.link(interface) for interface in self.concerns.interfaces)
        return [link.index for link in ours if link is not None and link.index not in self.complete]

    def places(self, vips: Iterable[Vip]) -> Iterator[tuple[Link, Held]]:
        """Yield every address that equals one of these, whatever its prefix length, with its link."""
        for vip in vips:
            for index, key in self._places.get(vip.ip.packed, ()):
                link = self.links[index]
                yield link, link.addresses[key]

    def apply(self, data: bytes) -> None:
        """Take one or more messages of the kernel."""
        for kind, at, end in messages(data):
            if kind in (NEW_ADDRESS, DEL_ADDRESS):
                self._put_address(kind, data, at, end)
            elif kind == NEW_LINK:
                self._put_link(data, at, end)
            elif kind == DEL_LINK and data[at] == socket.AF_UNSPEC:
                self._forget_link(LINK.unpack_from(data, at)[2])
            elif kind == NEW_NETCONF and data[at] == socket.AF_INET6:
                self._put_settings(data, at, end)

    def keep_lives(self, before: "KernelPicture") -> None:
        """Take the links of an earlier picture for the same ones."""
        for index in self.links.keys() & before.links.keys():
            self.links[index].lives = before.links[index].lives

    def replace_addresses(self, index: int, told: Iterable[bytes]) -> None:
        """Take the addresses of a link from what was said about all of them now: what differs is a change."""
        link = self.links.get(index)
        if link is None:
            return
        self.complete.add(index)
        now = dict(self._said_of(index, told))
        for key in link.addresses.keys() - now.keys():
            self._remove_address(index, key)
        for key, held in now.items():
            self._add_address(index, key, held)
        # The first of several addresses is the one that is spoken from.
        if tuple(link.addresses) != tuple(now):
            link.addresses = now
            self._note_change()

    def _said_of(self, index: int, told: Iterable[bytes]) -> Iterator[tuple[AddressKey, Held]]:
        for data in told:
            for kind, at, end in messages(data):
                if kind != NEW_ADDRESS:
                    continue
                family, _, _, _, link = ADDRESS.unpack_from(data, at)
                # An old kernel tells those of all links.
                if link == index and family in IP_FAMILIES:
                    yield address_key(data, at, end), held_address(data, at, end, marks=self.marks)

    def _put_link(self, data: bytes, at: int, end: int) -> None:
        index = LINK.unpack_from(data, at)[2]
        link = self.links.get(index)
        before = None if link is None else replace(link, addresses={})
        if link is None:
            link = self.links[index] = Link(index, segment=index)
        link.take(data, at, end)
        if before is None and not self.concerns.interfaces.isdisjoint(link.names):
            # It is new, so it has no address that we have not been told of.
            self.complete.add(index)
        if before is None or link.names != before.names:
            self._forget_names(index, () if before is None else before.names)
            self._names |= dict.fromkeys(link.names, index)
        if before is None or before != replace(link, addresses={}):
            self._note_change()

    def _forget_link(self, index: int) -> None:
        self._forget_addresses(index)
        link = self.links.pop(index, None)
        if link is not None:
            self._forget_names(index, link.names)
            self.complete.discard(index)
            self._note_change()

    def _forget_addresses(self, index: int) -> None:
        link = self.links.get(index)
        for key in () if link is None else tuple(link.addresses):
            self._remove_address(index, key)

    def _forget_names(self, index: int, names: Iterable[str]) -> None:
        for name in names:
            if self._names.get(name) == index:
                del self._names[name]

    def _put_address(self, kind: int, data: bytes, at: int, end: int) -> None:
        family, _, _, _, index = ADDRESS.unpack_from(data, at)
        if family not in IP_FAMILIES:
            return
        key = address_key(data, at, end)
        if index not in self.complete and not self.concerns.about(key[0]):
            return
        if kind == DEL_ADDRESS:
            self._remove_address(index, key)
        elif index in self.links:
            self._add_address(index, key, held_address(data, at, end, marks=self.marks))

    def _add_address(self, index: int, key: AddressKey, held: Held) -> None:
        addresses = self.links[index].addresses
        # Our own renewals are told, too, and change nothing.
        if addresses.get(key) != held:
            addresses[key] = held
            self._places.setdefault(key[0], set()).add((index, key))
            self._note_change(key[0])

    def _remove_address(self, index: int, key: AddressKey) -> None:
        link = self.links.get(index)
        if link is None or not link.forget(key):
            return
        places = self._places[key[0]]
        places.discard((index, key))
        if not places:
            del self._places[key[0]]
        self._note_change(key[0])

    def _put_settings(self, data: bytes, at: int, end: int) -> None:
        said = attributes(data, at + FAMILY.size, end)
        if _NETCONF_INDEX not in said or _NETCONF_FORWARDING not in said:
            return
        link = self.links.get(SIGNED.unpack(said[_NETCONF_INDEX])[0])
        forwarding = SIGNED.unpack(said[_NETCONF_FORWARDING])[0] != 0
        if link is not None and link.forwarding != forwarding:
            link.forwarding = forwarding
            self._note_change()

    def _note_change(self, packed: bytes = b"") -> None:
        """An address has changed, or a link. What of that is no VIP of ours may concern any router."""
        self.generation += 1
        if packed in self.concerns.vips:
            self.vips_changed.add(packed)
        else:
            self.others_changed, self._choice_known = True, False
