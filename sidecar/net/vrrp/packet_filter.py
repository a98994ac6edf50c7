"""Which VRRP packets the kernel hands to us: filters for each interface and family, made for its routers.

A packet passes if some router could accept it: known VRID, its version, TTL, destination and peers,
a length that fits the count of addresses, room for a signature if there must be one and, for IPv4, a
right checksum (for IPv6 the kernel looks at that itself). Passwords, signatures and intervals are left
to the core. The filter is an
optimisation; the core validates every packet again, and some of the refused are read to report them.
So it must refuse nothing that the core would accept.

Packets that pass go to queues that cannot fill each other: one for each sender that a router depends on;
one for `urgent` adverts of anybody else, which have at least the priority that can move their router; one
for the `lesser` ones. Each queue has a socket with a program of its own. They differ in their last
instructions only, so every packet goes to exactly one of these sockets or to that of the refused.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sidecar import bpf
from sidecar.bpf import Line
from sidecar.core.address import Address
from sidecar.core.params import AuthMode, RouterParams
from sidecar.core.wire.advert import ADVERTISEMENT, HEADER, PASSWORD_SIZE, PROTOCOL, TRAILER_SIZE
from sidecar.core.wire.constants import GROUPS, TTL, V2

SUMMED: Final = 32
"""Groups of four bytes after the header whose checksum is computed: 32 addresses, of version 2 two less.
A packet that claims to have more passes unsummed."""
AFFORDABLE: Final = 640
"""Instructions of the longest filter with addresses. An old kernel has room for no more: it makes up to
four of eight bytes of each of ours, and its net.core.optmem_max is 20 KiB."""
FLOORS: Final = 8
"""Different floors at most, with four instructions each and router of another kind."""

_IPV4: Final = 4
_VRID: Final = 1
_PRIORITY: Final = 2
_COUNT: Final = 3
_ONES: Final = 0xFFFF
_PLAIN_IPV4_HEADER: Final = 20
_WITHOUT_OPTIONS: Final = 0x45
_END: Final = 0
"""Memory cell of the length that the message has by its own count, without a trailer."""
_SIZE: Final = 1
"""Memory cell of the length that the message really has."""
_ABOVE: Final = 2
"""Memory cell of the priority less the floor of its router: of 32 bits, so below the floor it is huge."""
_PRIORITIES: Final = 256
_ANY: Final = 1
"""Floor of a router of which none is known: only a resignation (priority 0) is below."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Offsets of what the IP header has, and the bytes of an address."""

    ttl: int
    source: int
    destination: int
    address: int


_V6: Final = bpf.NETWORK_HEADER
_LAYOUTS: Final = {4: _Layout(8, 12, 16, 4), 6: _Layout(_V6 + 7, _V6 + 8, _V6 + 24, 16)}
"""A raw socket of IPv4 receives from the IP header on, one of IPv6 from behind it."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """Conditions under which a packet is for a router. No destination, no sources: any. Signed: a trailer."""

    version: int
    min_ttl: int
    signed: bool
    destination: Address | None
    sources: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """A program for each queue. Together they accept every packet once."""

    senders: tuple[bytes, ...]
    urgent: bytes
    lesser: bytes
    refused: bytes


def filters(
    routers: Iterable[RouterParams],
    family: int,
    senders: Sequence[Address] = (),
    floors: Mapping[int, int] | None = None,
) -> Filters:
    """Return the filters for routers of one interface and family, 4 or 6.

    `senders` get a queue each. `floors`: by VRID the least priority of urgent adverts; where there are too
    many different ones, all but resignations are urgent. Where addresses take too many instructions, they
    are left to the core.
    """
    rules = {router.vrid: _rule(router) for router in routers}
    queues = (*(f"sender {number}" for number in range(len(senders))), "urgent", "lesser", "refused")
    known = floors if floors is not None and len(set(floors.values())) <= FLOORS else {}
    body = b""
    for checked in (rules, _without_addresses(rules)):
        wanted = {vrid: (rule, known.get(vrid, _ANY)) for vrid, rule in checked.items()}
        body = bpf.assemble([*_judgement(wanted, family, senders), *_ends(queues)])
        if bpf.size(body) <= AFFORDABLE:
            break
    head = body[: -len(_verdicts(queues, ""))]
    *own, urgent, lesser, refused = (head + _verdicts(queues, accepted) for accepted in queues)
    return Filters(tuple(own), urgent, lesser, refused)


def _ends(queues: Sequence[str]) -> Iterator[Line]:
    for queue in queues:
        yield from (queue, bpf.DROP)


def _verdicts(queues: Sequence[str], accepted: str) -> bytes:
    """Return the last instructions, one for each queue: only packets of the accepted one pass."""
    return bpf.assemble(bpf.ACCEPT if queue == accepted else bpf.DROP for queue in queues)


def _without_addresses(rules: dict[int, _Rule]) -> dict[int, _Rule]:
    return {vrid: replace(rule, destination=None, sources=()) for vrid, rule in rules.items()}


def _rule(router: RouterParams) -> _Rule:
    unicast = router.unicast
    signed = router.hmac is not None and router.hmac.mode is AuthMode.ENFORCE
    if unicast is None:
        return _Rule(router.version, TTL, signed, GROUPS[router.family])
    return _Rule(router.version, unicast.min_ttl, signed, unicast.source, unicast.peers)


def _judgement(
    wanted: Mapping[int, tuple[_Rule, int]], family: int, senders: Sequence[Address]
) -> Iterator[Line]:
    """Yield what ends at the label of a queue, given a rule and a floor by VRID.

    X is where the VRRP header begins.
    """
    layout = _LAYOUTS[family]
    yield bpf.IP_HEADER_LENGTH_TO_X if family == _IPV4 else bpf.number_to_x(0)
    yield from (bpf.LENGTH, bpf.SUBTRACT_X, bpf.store(_SIZE), bpf.unless_at_least(HEADER, "refused"))
    entries = list(dict.fromkeys(wanted.values()))
    rules = list(dict.fromkeys(rule for rule, _ in entries))
    yield bpf.byte_after_x(_VRID)
    for vrid, entry in wanted.items():
        yield bpf.if_equal(vrid, f"entry {entries.index(entry)}")
    yield bpf.jump("refused")
    for number, (rule, floor) in enumerate(entries):
        yield f"entry {number}"
        yield from (bpf.byte_after_x(_PRIORITY), bpf.subtract(floor), bpf.store(_ABOVE))
        yield bpf.jump(f"rule {rules.index(rule)}")
    for number, rule in enumerate(rules):
        yield f"rule {number}"
        yield from _apply(rule, layout, f"peer of rule {number}")
    yield from _check_length(some_signed=any(rule.signed for rule in rules))
    yield "length fits"
    if family == _IPV4:
        yield from _check_sum(layout)
    yield "wanted"
    yield from _sort(layout, senders)


def _sort(layout: _Layout, senders: Sequence[Address]) -> Iterator[Line]:
    """Yield the way of a wanted packet into its queue."""
    for number, sender in enumerate(senders):
        yield from bpf.unless_words(layout.source, sender.packed, f"sender is not {number}")
        yield bpf.jump(f"sender {number}")
        yield f"sender is not {number}"
    yield from (bpf.recall(_ABOVE), bpf.unless_at_least(_PRIORITIES, "urgent"), bpf.jump("lesser"))


def _apply(rule: _Rule, layout: _Layout, peer: str) -> Iterator[Line]:
    """Yield the checks of one rule. The rest of the packet goes to `length` with its length in memory."""
    yield from (bpf.byte_after_x(0), bpf.unless_equal(rule.version << 4 | ADVERTISEMENT, "refused"))
    yield from (bpf.byte(layout.ttl), bpf.unless_at_least(rule.min_ttl, "refused"))
    if rule.destination is not None:
        yield from bpf.unless_words(layout.destination, rule.destination.packed, "refused")
    for number, source in enumerate(rule.sources):
        yield from bpf.unless_words(layout.source, source.packed, f"{peer} is not {number}")
        yield bpf.jump(peer)
        yield f"{peer} is not {number}"
    if rule.sources:
        yield bpf.jump("refused")
    yield peer
    tail = PASSWORD_SIZE if rule.version == V2 else 0
    yield from (bpf.byte_after_x(_COUNT), bpf.multiply(layout.address), bpf.add(HEADER + tail))
    yield from (bpf.store(_END), bpf.jump("signed length" if rule.signed else "length"))


def _check_length(*, some_signed: bool) -> Iterator[Line]:
    """Yield the check that the packet ends behind its message or a trailer; if signed, behind a trailer."""
    if some_signed:
        yield "signed length"
        yield from (bpf.recall(_END), bpf.A_TO_X, bpf.recall(_SIZE), bpf.jump("trailer"))
    yield "length"
    yield from (bpf.recall(_END), bpf.A_TO_X, bpf.recall(_SIZE), bpf.if_equals_x("length fits"))
    yield "trailer"
    yield from (bpf.subtract(TRAILER_SIZE), bpf.if_equals_x("length fits"), bpf.jump("refused"))


def _check_sum(layout: _Layout) -> Iterator[Line]:
    """Yield the check of an IPv4 checksum, which covers no trailer. X is the sum from here on.

    2**16 is congruent to 1 modulo 65535, so words of 32 bits serve as well as those of 16, and a sum of
    ones is a remainder of zero: never that of zeros, because no message begins with one. An IP header
    with options leaves the message at no fixed place: it passes unsummed.
    """
    yield from (bpf.byte(0), bpf.unless_equal(_WITHOUT_OPTIONS, "wanted"))
    yield bpf.number_to_x(0)
    for at in range(0, HEADER + 4 * SUMMED + 1, 4):
        if at >= HEADER:
            yield from (bpf.recall(_END), bpf.if_equal(at, "summed"))
        yield from _add_word(_PLAIN_IPV4_HEADER + at)
    yield bpf.jump("wanted")
    yield "summed"
    yield from (bpf.X_TO_A, bpf.modulo(_ONES), bpf.if_equal(0, "wanted"))
    yield from (bpf.byte(_PLAIN_IPV4_HEADER), bpf.if_equal(V2 << 4 | ADVERTISEMENT, "refused"))
    yield from (*_add_word(layout.source), *_add_word(layout.destination))
    yield from (bpf.recall(_END), bpf.ADD_X, bpf.add(PROTOCOL))
    yield from (bpf.modulo(_ONES), bpf.if_equal(0, "wanted"), bpf.jump("refused"))


def _add_word(offset: int) -> tuple[Line, ...]:
    return bpf.word(offset), bpf.modulo(_ONES), bpf.ADD_X, bpf.A_TO_X
