"""What a valid configuration says that does not fit this host. Only warnings: it may be for another one."""

from collections.abc import Iterable, Iterator, Mapping

from sidecar.core.address import Vip
from sidecar.core.params import RouterParams
from sidecar.net.host_networks import host_networks


def host_findings(routers: Iterable[RouterParams]) -> tuple[str, ...]:
    """Return what people should look at, a sentence each."""
    routers = tuple(routers)
    try:
        networks = host_networks(routers)
    except OSError:  # it is no mistake of the file, and `run` will say it
        return ()
    return tuple(finding for router in routers for finding in _outside(router, networks))


def _outside(router: RouterParams, networks: Mapping[str, tuple[Vip, ...]]) -> Iterator[str]:
    """A VIP outside every network of its interface is reached by nobody of that LAN."""
    on = router.interface
    own = [address for address in networks.get(on, ()) if address.version == router.family]
    for vip in router.addresses:
        # A link-local VIP is on every link.
        if own and not vip.ip.is_link_local and not any(vip.ip in address.network for address in own):
            have = ", ".join(str(address.network) for address in own if not address.ip.is_link_local)
            yield (
                f"warning[vip-network]: {router.name}: {vip.ip} is in no network of {on} on this host "
                f"({have or 'link-local alone'}): the LAN will not find it; write a free address of one"
            )
