"""Interfaces and addresses of this host, asked once."""

from collections.abc import Container, Iterable
from dataclasses import replace

from sidecar.core.address import Address
from sidecar.core.params import RouterParams
from sidecar.doctor.evidence import Device, Kernel, Place
from sidecar.doctor.problem import Unseen
from sidecar.net.kernel.advert_mtu import advert_mtu, ways_out
from sidecar.net.kernel.link import Link
from sidecar.net.kernel.picture import Concerns, KernelPicture
from sidecar.net.kernel.reader import KernelReader
from sidecar.net.ownership import PERMANENT, kernel_marks


def read_kernel(routers: Iterable[RouterParams]) -> Kernel | Unseen:
    """Return what the kernel says. Waits for it. Needs no capability."""
    routers = tuple(routers)
    picture = KernelPicture(Concerns.of(routers), kernel_marks())
    try:
        with KernelReader() as reader:
            for told in reader.links():
                picture.apply(told)
            # The address of every interface matters: another one may be in the subnet of a VIP.
            picture.complete |= set(picture.links)
            for told in reader.addresses():
                picture.apply(told)
    except OSError as error:
        return Unseen(f"the kernel did not tell interfaces and addresses: {error.strerror or error}")
    vips = {vip.ip for router in routers for vip in router.addresses}
    ways = ways_out(routers)
    found = {interface: picture.link(interface) for interface in ways}
    places = picture.places({vip.ip: vip for router in routers for vip in router.addresses}.values())
    return Kernel(
        devices={
            name: replace(_device(link, vips), mtu=advert_mtu(ways[name], picture.link))
            for name, link in found.items()
            if link is not None
        },
        names=tuple(link.name for link in sorted(picture.links.values(), key=lambda link: link.index)),
        places=tuple(
            Place(link.name, held.interface, held.ours, link.leads_nowhere, held.peer)
            for link, held in places
        ),
        all_devices=tuple(_device(link, vips) for link in picture.links.values() if not link.loopback),
    )


def _device(link: Link, vips: Container[Address]) -> Device:
    own = [held for held in link.addresses.values() if held.interface.ip not in vips]
    return Device(
        name=link.name,
        index=link.index,
        mac=link.mac.hex(":"),
        kind=link.kind,
        up=link.up,
        own=tuple(held.interface for held in own),
        leased=any(not held.flags & PERMANENT for held in own if held.interface.version == 4),  # noqa: PLR2004
        mtu=link.least_mtu,
    )
