"""Whether the hosts of a pair can hear each other: what one file says of the address of the other host."""

from collections.abc import Iterator, Sequence
from itertools import permutations

from sidecar.migrate.entries import Entry
from sidecar.migrate.translate import Translation


def unheard(hosts: Sequence[Translation]) -> Iterator[str]:
    """Yield a line for each host whose address is no peer of another one, or is that of another one."""
    for name in hosts[0].entries.routers:
        found = [(host.host, host.entries.routers[name]) for host in hosts if name in host.entries.routers]
        for (here, entry), (there, other) in permutations(found, 2):
            address, peers = _source(entry), other.plain("unicast.peers", ())
            if not isinstance(peers, tuple) or not peers or address in ("", _source(other), *peers):
                continue
            yield (
                f"virtual_routers.{name}: {there} does not name {address} of {here} as a peer, so keepalived "
                "tells it nothing; here all are"
            )
        addresses = [address for _, entry in found if (address := _source(entry))]
        for address in dict.fromkeys(each for each in addresses if addresses.count(each) > 1):
            yield f"virtual_routers.{name}: {address} is the source of more than one host; correct it in .env"


def _source(entry: Entry) -> str:
    return str(entry.plain("unicast.source") or entry.plain("source"))
