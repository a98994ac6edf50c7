"""Warnings about a valid configuration as a whole, or on this host: they have no position."""

import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from sidecar.config.model import Config
from sidecar.core.address import removal
from sidecar.core.interface_choice import carried_network
from sidecar.core.params import RouterParams
from sidecar.net.addresses.host_networks import Carried, host_networks


@dataclass(frozen=True, slots=True)
class Note:
    """A warning about the file as a whole, or about one of its virtual routers. It has no position."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"warning[{self.code}]: {self.message}"


def of_the_file(config: Config) -> tuple[Note, ...]:
    """Return the warnings about the file as a whole."""
    return (*without_checks(config), *unread_nodes(config))


def without_checks(config: Config) -> tuple[Note, ...]:
    """Return a warning if the file has no check at all."""
    if config.checks:
        return ()
    message = (
        "there are no checks, so a host serves as long as it lives, whatever nginx does; "
        'add some, such as `checks: {page: {http: "http://127.0.0.1/"}}`'
    )
    return (Note("no-checks", message),)


def unread_nodes(config: Config) -> tuple[Note, ...]:
    """Return a warning where hosts are to read each other's status and no other host can read this one's."""
    listen = config.http.listen
    if not config.nodes or not _is_loopback(listen.host):
        return ()
    message = (
        f"`nodes` has the hosts read each other's status, and `http.listen` is {listen.host}:{listen.port}: "
        f'no other host can read this one; write `http: {{listen: "0.0.0.0:{listen.port}"}}`, or its address '
        "in the network of the hosts"
    )
    return (Note("nodes-loopback", message),)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def host_findings(routers: Iterable[RouterParams]) -> tuple[Note, ...]:
    """Return what people should look at on this host, a sentence each. Waits for the kernel."""
    routers = tuple(routers)
    try:
        carried = host_networks(routers)
    except OSError:  # it is no mistake of the file, and `run` will say it
        return ()
    return tuple(note for router in routers for note in _notes(router, carried.get(router.interface)))


def _notes(router: RouterParams, carried: Carried | None) -> Iterator[Note]:
    if carried is None:
        yield _absent(router)
        return
    yield from _occupied(router, carried)
    yield from _outside(router, carried)
    yield from _alone(router, carried)


def _absent(router: RouterParams) -> Note:
    """An interface that is not there yet, or never will be."""
    names = ", ".join(name for _, name in socket.if_nameindex()) or "none"
    on = router.interface
    if not on.isascii():
        on = f"{on} ({on!a})"  # a Cyrillic letter looks like a Latin one
    what = (
        f"no interface {on}"
        if carried_network(router.interface) is None
        else f"no interface with an address of {on}"
    )
    message = (
        f"{router.name}: there is {what} on this host (it has {names}): the router is in FAULT until there "
        "is one; write the name of one that is there"
    )
    return Note("interface-absent", message)


def _occupied(router: RouterParams, carried: Carried) -> Iterator[Note]:
    """An address that is this host's own cannot move; one that was left by another program is in the way."""
    for vip, peer in carried.foreign:
        if any(vip.ip == each.ip for each in router.addresses):
            message = (
                f"{router.name}: {vip.ip} is on {router.interface} already, and no sidecar has put it there: "
                f"a program that serves by it, such as keepalived, takes it away when it is stopped; "
                f"if it is this host's own address, choose a free one as VIP; "
                f"if nothing that runs has set it, `{removal(vip, peer, carried.device)}`"
            )
            yield Note("vip-on-host", message)


def _outside(router: RouterParams, carried: Carried) -> Iterator[Note]:
    """A VIP outside every network of its interface is reached by nobody of that LAN."""
    on = router.interface
    own = [address for address in carried.own if address.version == router.family]
    for vip in router.addresses:
        # A link-local VIP is on every link.
        if own and not vip.ip.is_link_local and not any(vip.ip in address.network for address in own):
            have = ", ".join(str(address.network) for address in own if not address.ip.is_link_local)
            message = (
                f"{router.name}: {vip.ip} is in no network of {on} on this host "
                f"({have or 'link-local alone'}): the LAN will not find it; write a free address of one"
            )
            yield Note("vip-network", message)


def _alone(router: RouterParams, carried: Carried) -> Iterator[Note]:
    """One file lists all hosts, this one included; a list of this one alone is a router that nobody hears."""
    if router.unicast is None or not {each.ip for each in carried.own}.issuperset(router.unicast.peers):
        return
    peers = ", ".join(map(str, router.unicast.peers))
    message = (
        f"{router.name}: {peers} in `unicast.peers` is this host itself, on {router.interface}: adverts go "
        "to nobody; add the addresses of the other hosts"
    )
    yield Note("unicast-alone", message)
