"""Differences between a refused advertisement and ours, with both values, and the line that mends it.

The texts go to people: status, log and the reason of a takeover. No text contains a password or a key.
A refused packet is read only as far as it goes, because nothing in it was verified.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from sidecar.core.address import Address
from sidecar.core.events import PacketReceived
from sidecar.core.params import RouterParams
from sidecar.core.wire.advert import HEADER, PASSWORD_SIZE, TRAILER_SIZE, Drop
from sidecar.core.wire.constants import GROUPS, TTL, V2, V3
from sidecar.core.wire.room import may_be_cut

_NAMED: Final = 4
"""Addresses of a list that are written out."""
_SIZES: Final = {4: 4, 6: 16}
_CARP_SIZE, _CARP_WORDS = 36, 7


class Difference(NamedTuple):
    """A difference as a clause about the sender, and its remedy as an instruction."""

    detail: str
    remedy: str


def explain(reason: Drop, packet: PacketReceived, params: RouterParams) -> Difference:
    """Return what is wrong with a packet that was refused for this reason."""
    if _is_carp(packet.payload):
        return Difference(
            f"it speaks CARP (pfSense, OPNsense, BSD) and not VRRP, with VHID {packet.payload[1]}",
            "give it another VHID, or this router another `vrid`",
        )
    return _TEXTS[reason](packet, params)


def _is_carp(payload: bytes) -> bool:
    """Whether it is an advertisement of CARP, which has the protocol number and the group of VRRP.

    Its first two bytes are those of version 2, the fourth one counts 7 words of authentication (carp(4)).
    """
    return len(payload) == _CARP_SIZE and payload[0] == V2 << 4 | 1 and payload[3] == _CARP_WORDS


def explain_followed(packet: PacketReceived, params: RouterParams) -> Difference:
    """Return what differs where the address lists overlap: that sender is followed."""
    theirs = set(_claimed(packet))
    missing = [vip.ip for vip in params.addresses if vip.ip not in theirs]
    if len(theirs) + len(missing) == len(params.addresses) and may_be_cut(len(theirs), params.family):
        return Difference(
            f"it advertises {len(theirs)} of our {len(params.addresses)} addresses, without "
            f"{_list(missing)}: a takeover changes what is served, or an advert has room for no more there",
            "compare the lists of both hosts; if they are the same, give both interfaces the same MTU, "
            "or divide the addresses among several virtual routers",
        )
    return Difference(
        f"it advertises {_list(_claimed(packet))}, we {_ours(params)}: a takeover changes what is served",
        "write the same addresses on both hosts",
    )


def claimed_bytes(packet: PacketReceived) -> Iterable[bytes]:
    """Return the address list of any version as far as the packet goes, each address in network order."""
    size, payload = _SIZES[packet.source.version], packet.payload
    if len(payload) < HEADER:
        return ()
    end = min(len(payload) - size + 1, HEADER + payload[3] * size)
    return [payload[at : at + size] for at in range(HEADER, end, size)]


def claimed_interval(packet: PacketReceived) -> float:
    """Return the advertisement interval in seconds that a packet of either version states, 0 if none."""
    payload = packet.payload
    if len(payload) < HEADER:
        return 0.0
    if payload[0] >> 4 == V2:
        return float(payload[5])
    return int.from_bytes(payload[4:6], "big") % 4096 / 100


def _claimed(packet: PacketReceived) -> list[Address]:
    kind = type(packet.source)
    return [kind(raw) for raw in claimed_bytes(packet)]


def _list(addresses: list[Address]) -> str:
    more = len(addresses) - _NAMED
    shown = ", ".join(str(address) for address in addresses[:_NAMED]) or "no address"
    return f"{shown} and {more} more" if more > 0 else shown


def _ours(params: RouterParams) -> str:
    return _list([vip.ip for vip in params.addresses])


def _length(packet: PacketReceived, params: RouterParams) -> Difference:
    payload = packet.payload
    if len(payload) < HEADER:
        return Difference(f"its packets have {len(payload)} bytes, and no advert has less than 8", _DAMAGE)
    tail = PASSWORD_SIZE if payload[0] >> 4 == V2 else 0
    right = HEADER + payload[3] * _SIZES[params.family] + tail
    return Difference(
        f"its packets have {len(payload)} bytes, and {payload[3]} addresses make {right} "
        f"(signed: {right + TRAILER_SIZE})",
        _DAMAGE,
    )


_DAMAGE: Final = "look for what changes packets on the way, or update that host's VRRP software"


def _version(packet: PacketReceived, params: RouterParams) -> Difference:
    theirs = packet.payload[0] >> 4
    detail = f"it speaks VRRP version {theirs}, we version {params.version}"
    there = f"set `vrrp_version {params.version}` in its keepalived.conf"
    if theirs not in (V2, V3):
        return Difference(detail, "update that host's VRRP software")
    if params.family != 4 and params.version == V3:  # noqa: PLR2004
        return Difference(f"{detail}, which alone knows IPv6", there)
    return Difference(detail, f"{there}, or `version: {theirs}` here")


def _type(packet: PacketReceived, _: RouterParams) -> Difference:
    detail = f"its packets are of type {packet.payload[0] & 15}, and adverts of type 1"
    return Difference(detail, "update that host's VRRP software")


def _ttl(packet: PacketReceived, params: RouterParams) -> Difference:
    if params.unicast is None:
        detail = f"its packets arrive with TTL {packet.ttl}, not {TTL}"
        return Difference(detail, f"let it send with TTL {TTL}; a sender behind a router is refused")
    detail = f"its packets arrive with TTL {packet.ttl}, and `unicast.min_ttl` is {params.unicast.min_ttl}"
    mend = f"set `unicast_ttl {TTL}` in its keepalived.conf, or `min_ttl: {packet.ttl}` under `unicast:` here"
    return Difference(detail, mend)


def _checksum(_: PacketReceived, params: RouterParams) -> Difference:
    detail = f"its checksum is wrong, in each way in which version {params.version} computes it"
    return Difference(detail, "look for what changes packets on the way")


def _interval(packet: PacketReceived, params: RouterParams) -> Difference:
    theirs = claimed_interval(packet)
    if not theirs:
        return Difference("it states an interval of 0", "set its advertisement interval")
    detail = (
        f"it advertises every {theirs:g} s, we every {params.interval:g} s, and version 2 wants them equal"
    )
    mend = f"set `advert_int {params.interval:g}` in its keepalived.conf"
    return Difference(detail, f"{mend}, or `advert_interval: {theirs:g}s` here")


def _vrid(packet: PacketReceived, params: RouterParams) -> Difference:
    theirs = packet.payload[1]
    vips = {vip.ip for vip in params.addresses}
    shared = [address for address in _claimed(packet) if address in vips]
    return Difference(
        f"it claims {_list(shared)} with VRID {theirs}, we with VRID {params.vrid}",
        f"set `virtual_router_id {params.vrid}` in its keepalived.conf, or `vrid: {theirs}` here; "
        "if it is another service, give it another address",
    )


def _own(packet: PacketReceived, _: RouterParams) -> Difference:
    detail = f"it sends from our own address {packet.source}, or the network returns what we send"
    return Difference(detail, "give each host an address of its own")


def _destination(packet: PacketReceived, params: RouterParams) -> Difference:
    to, unicast = packet.destination, params.unicast
    if unicast is None:
        return Difference(
            f"it sends by unicast to {to}, we listen to multicast",
            "remove `unicast_peer` from its keepalived.conf, or add "
            f"`unicast: {{source: {to}, peers: [{packet.source}]}}` here",
        )
    here = unicast.source or f"the first address of {params.interface}"
    ours = unicast.source or "ADDRESS"
    if to == GROUPS[params.family]:
        return Difference(
            f"it sends by multicast, we listen to unicast at {here}",
            f"set `unicast_peer {{ {ours} }}` in its keepalived.conf, or remove `unicast` here",
        )
    return Difference(
        f"it sends to {to}, we listen at {here}",
        f"set `unicast_peer {{ {ours} }}` in its keepalived.conf, or `source: {to}` here",
    )


def _source(packet: PacketReceived, _: RouterParams) -> Difference:
    return Difference(
        "its address is not in `unicast.peers`",
        f"add {packet.source} to `unicast.peers` here, or give that service another VRID",
    )


def _auth_type(packet: PacketReceived, params: RouterParams) -> Difference:
    kind = packet.payload[4]
    if params.password is not None and kind == 0:
        return Difference("it sends no password, we have one", _SET_PASSWORD)
    if kind == 1:
        mend = "remove `authentication` from its keepalived.conf, or set `auth: {pass: ...}` here"
        return Difference("it sends a password, we have none", mend)
    return Difference(f"it authenticates by type {kind}, which nobody should use", _SET_PASSWORD)


_SET_PASSWORD: Final = (
    "set `auth_type PASS` and our `auth.pass` in its keepalived.conf, or remove `auth` from both"
)


def _auth_missing(_: PacketReceived, params: RouterParams) -> Difference:
    mode = params.hmac.mode.value if params.hmac is not None else ""
    mend = "compare keys and mode of both hosts; `mode: permissive` here until it signs"
    return Difference(f"it does not sign, and the mode here is {mode}", mend)


def _auth_key(packet: PacketReceived, params: RouterParams) -> Difference:
    ids = ", ".join(str(key.id) for key in params.hmac.keys) if params.hmac is not None else ""
    # The second byte of the trailer (draft-cassen-vrrp-auth-hmac).
    theirs = packet.payload[1 - TRAILER_SIZE]
    return Difference(f"it signs with key {theirs}, and ours are {ids}", _COMPARE_KEYS)


_COMPARE_KEYS: Final = "compare keys and mode of both hosts"
_COMPARE_CLOCKS: Final = "compare the clocks of both hosts; if they agree, somebody repeats a recording"


def _always(detail: str, remedy: str) -> Callable[[PacketReceived, RouterParams], Difference]:
    return lambda _packet, _params: Difference(detail, remedy)


def _addresses(packet: PacketReceived, params: RouterParams) -> Difference:
    return Difference(
        f"it advertises {_list(_claimed(packet))}, we {_ours(params)}: with VRID {params.vrid}, too",
        "give one of the two services another VRID (`virtual_router_id` there, `vrid` here); "
        "if both are one service, write the same addresses on both hosts",
    )


_TEXTS: Final[dict[Drop, Callable[[PacketReceived, RouterParams], Difference]]] = {
    Drop.LENGTH: _length,
    Drop.VERSION: _version,
    Drop.TYPE: _type,
    Drop.TTL: _ttl,
    Drop.CHECKSUM: _checksum,
    Drop.INTERVAL: _interval,
    Drop.VRID: _vrid,
    Drop.OWN: _own,
    Drop.DESTINATION: _destination,
    Drop.SOURCE: _source,
    Drop.AUTH_TYPE: _auth_type,
    Drop.AUTH_PASSWORD: _always("it sends another password", "compare the passwords of both hosts"),
    Drop.AUTH_MISSING: _auth_missing,
    Drop.AUTH_MALFORMED: _always("its trailer is of another kind", "update that host's VRRP software"),
    Drop.AUTH_STALE: _always("the time in its signature is outside the window", _COMPARE_CLOCKS),
    Drop.AUTH_KEY: _auth_key,
    Drop.AUTH_HMAC: _always("it signs with another key of the same id", _COMPARE_KEYS),
    Drop.AUTH_REPLAY: _always("what it signed was heard before", _COMPARE_CLOCKS),
    Drop.ADDRESSES: _addresses,
}
"""A text for every reason for which a packet of a known sender can be refused."""
