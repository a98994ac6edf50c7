"""What the interfaces of this host carry, asked once: for verbs that compare a file with the host."""

from collections.abc import Container, Iterable, Iterator

from sidecar.core.params import Address, RouterParams, Vip
from sidecar.net.kernel_link import Link
from sidecar.net.kernel_picture import Concerns, KernelPicture
from sidecar.net.kernel_reader import KernelReader
from sidecar.net.mark import kernel_marks


def host_networks(routers: Iterable[RouterParams]) -> dict[str, tuple[Vip, ...]]:
    """Return the host's own addresses, with their prefix lengths, on each interface of the routers.

    What does not exist is left out, and so are VIPs. Waits for the kernel. Raises OSError.
    """
    routers = tuple(routers)
    vips = {vip.ip for router in routers for vip in router.addresses}
    picture = KernelPicture(Concerns.of(routers), kernel_marks())
    with KernelReader() as reader:
        for told in reader.links():
            picture.apply(told)
        found = {router.interface: picture.link(router.interface) for router in routers}
        for link in found.values():
            if link is not None:
                picture.replace_addresses(link.index, reader.addresses(link.index))
    return {name: tuple(_own(link, vips)) for name, link in found.items() if link is not None}


def _own(link: Link, vips: Container[Address]) -> Iterator[Vip]:
    return (held.interface for held in link.addresses.values() if held.interface.ip not in vips)
