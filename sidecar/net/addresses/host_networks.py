"""Networks of the interfaces of this host, asked once: for verbs that compare a file with the host."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from sidecar.core.address import Address, Vip
from sidecar.core.params import RouterParams
from sidecar.net.kernel.link import Link
from sidecar.net.kernel.picture import Concerns, KernelPicture
from sidecar.net.kernel.reader import KernelReader
from sidecar.net.ownership import kernel_marks


@dataclass(frozen=True, slots=True)
class Carried:
    """What an interface carries: the host's own addresses, and VIPs that no sidecar has put there.

    With each of these goes the other end of a point-to-point address, "" of any other. `device` is its name
    in the kernel, whatever the file calls it.
    """

    device: str
    own: tuple[Vip, ...]
    foreign: tuple[tuple[Vip, str], ...]


def host_networks(routers: Iterable[RouterParams]) -> dict[str, Carried]:
    """Return the addresses on each interface of the routers, with prefix lengths.

    Missing interfaces are left out, and so are VIPs that a sidecar has put there. Waits for the kernel.
    Raises OSError.
    """
    routers = tuple(routers)
    vips = {vip.ip for router in routers for vip in router.addresses}
    with KernelReader() as reader:
        picture = _picture(routers, reader)
        found = {router.interface: picture.link(router.interface) for router in routers}
        for link in found.values():
            if link is not None:
                picture.replace_addresses(link.index, reader.addresses(link.index))
    return {name: _carried(link, vips) for name, link in found.items() if link is not None}


def chosen_interfaces(routers: Iterable[RouterParams]) -> dict[str, str]:
    """Return the kernel's names of those interfaces that are chosen by what they carry, and are there now.

    Waits for the kernel. Raises OSError.
    """
    routers = tuple(routers)
    chosen = {each.interface for each in Concerns.of(routers).carried}
    if not chosen:
        return {}
    with KernelReader() as reader:
        picture = _picture(routers, reader)
    return {each: link.name for each in chosen if (link := picture.link(each)) is not None}


def _picture(routers: Iterable[RouterParams], reader: KernelReader) -> KernelPicture:
    """Return a picture in which every interface of the routers is found."""
    picture = KernelPicture(Concerns.of(routers), kernel_marks())
    for told in reader.links():
        picture.apply(told)
    # By these an interface is found that is chosen by what it carries.
    for told in reader.addresses() if picture.concerns.carried else ():
        picture.apply(told)
    return picture


def _carried(link: Link, vips: Container[Address]) -> Carried:
    held = tuple(link.addresses.values())
    return Carried(
        link.name,
        tuple(each.interface for each in held if each.interface.ip not in vips),
        tuple((each.interface, each.peer) for each in held if each.interface.ip in vips and not each.ours),
    )
