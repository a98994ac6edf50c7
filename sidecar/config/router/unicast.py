"""Adverts to named peers instead of multicast."""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.rules import Rule, rule, warning
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.scalars import HostAddress, Whole
from sidecar.core.wire.constants import TTL


@rule("source")
def each_host_once(entry: Entry["Unicast"]) -> Iterator[Finding]:
    """No peer stands twice, and one is another host. The host itself may be listed: one file serves all."""
    unicast = entry.model
    path, seen = (*entry.path, "peers"), set[HostAddress]()
    for index, peer in entry.items("peers"):
        if peer in seen:
            message = f"{peer} is an earlier peer already; name each of the hosts once"
            yield Finding((*path, index), "unicast-twice", message)
        seen.add(peer)
    if "peers" not in entry.wrong and unicast.source is not None and seen == {unicast.source}:
        message = f"{unicast.source} is this host itself, so adverts would go to nobody; add the other hosts"
        yield Finding(path, "unicast-alone", message)


@rule("min_ttl")
def far_peers(entry: Entry["Unicast"]) -> Iterator[Finding]:
    """TTL 255 proves that the sender is on this link (RFC 5082)."""
    hops = TTL - entry.model.min_ttl
    if hops:
        message = (
            f"anybody up to {hops} {'router' if hops == 1 else 'routers'} away can send adverts that count; "
            "write 255 if all peers are on this link, and `auth: {hmac: ...}` if not"
        )
        yield warning((*entry.path, "min_ttl"), "far-peers", message)


class Unicast(StrictModel):
    """Adverts to named peers instead of multicast."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (each_host_once, far_peers)

    source: HostAddress | None = None
    """Our own address; absent: the interface's first, for IPv6 its first link-local one if the peers' are."""
    peers: tuple[HostAddress, ...] = Field(min_length=1)
    """The other hosts, or all of them: the own address is no peer. Adverts of anybody else are dropped."""
    min_ttl: Whole = Field(default=255, ge=1, le=255)
    """Least TTL or hop limit of an accepted advert; each router on the way to a peer takes 1 from 255."""
