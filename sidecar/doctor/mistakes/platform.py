"""A platform that does not let an address move."""

from collections.abc import Iterator
from typing import Final

from sidecar.core.params import RouterParams
from sidecar.doctor.evidence import Device, Evidence, Platform
from sidecar.doctor.problem import Problem, Severity, Unseen

_CLOUDS: Final = {
    "Amazon EC2": "a secondary private address that is moved by the API (or an NLB)",
    "Google": "a load balancer of the platform",
    "DigitalOcean": "a reserved address that is moved by the API",
    "Hetzner": "a floating address that is moved by the API, or a vSwitch",
    "OpenStack Foundation": "`allowed_address_pairs` with the VIP on the ports of both hosts",
    "Alibaba Cloud": "an HAVIP",
    "Scaleway": "a flexible address that is moved by the API",
}
"""Vendors as the firmware names them, and what moves an address there."""
_HYPERVISORS: Final = {
    "VMware, Inc.": "allow forged transmits and MAC address changes on the port group",
    "Microsoft Corporation": "switch on MAC address spoofing for the network adapter",
}
_ON_THE_CARD: Final = frozenset({"", "macvlan", "ipvlan", "vlan", "bond", "bridge"})
"""Kinds of interfaces that are a card of the machine, or above one; others are networks inside it."""
_MAC_LENGTH: Final = len("00:00:00:00:00:00")


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Look at the machine below, and at the kind of each interface."""
    if isinstance(evidence.kernel, Unseen):
        yield evidence.kernel
        return
    if evidence.platform.rootless:
        yield _rootless()
    for router in evidence.routers:
        device = evidence.kernel.device(router)
        if device is not None:
            yield from _judge(router, device, evidence.platform)


def _rootless() -> Problem:
    return Problem(
        "",
        Severity.FAULT,
        "this container runs in a user namespace (rootless)",
        "/proc/self/uid_map maps root to another user",
        "its capabilities hold inside its own network alone: a VIP there is not reached from the LAN",
        "run it with the system's engine (`sudo docker compose up -d`), not rootless",
    )


def _no_ethernet(router: RouterParams, device: Device) -> Problem:
    """InfiniBand has longer addresses, a tunnel an IP address, or none."""
    return Problem(
        router.name,
        Severity.WARNING,
        f"{device.name} is no Ethernet",
        f"its link-layer address is {device.mac}" if device.mac else "it has no link-layer address",
        "a move of the VIP is announced by Ethernet frames alone: here neighbours go on sending to the host "
        "that had it until they ask again, or for ever",
        "not here: choose an Ethernet interface, or a VLAN, bond or bridge of one",
    )


def _judge(router: RouterParams, device: Device, platform: Platform) -> Iterator[Problem]:
    if device.name in platform.wireless:
        yield Problem(
            router.name,
            Severity.WARNING,
            f"{device.name} is Wi-Fi",
            f"/sys/class/net/{device.name}/wireless",
            "access points filter multicast and drop foreign MAC addresses: adverts get lost",
            "not here: use a cable",
        )
    if len(device.mac) != _MAC_LENGTH:
        yield _no_ethernet(router, device)
    if device.kind not in _ON_THE_CARD:
        return
    for vendor, instead in _CLOUDS.items():
        if platform.vendor.startswith(vendor):
            yield Problem(
                router.name,
                Severity.FAULT,
                f"this is a virtual machine of {vendor}",
                f"/sys/class/dmi/id/sys_vendor: {platform.vendor}, product {platform.product or 'unknown'}",
                "most clouds deliver packets only to addresses that their control plane knows, "
                "whatever ARP says",
                f"not here: use {instead}",
            )
    if router.virtual_mac and platform.vendor in _HYPERVISORS:
        yield Problem(
            router.name,
            Severity.WARNING,
            f"{platform.vendor}: a virtual MAC address needs leave",
            f"`virtual_mac: true` on {device.name}; product {platform.product or 'unknown'}",
            "the virtual switch drops frames with a MAC address that it did not give",
            f"{_HYPERVISORS[platform.vendor]}; or `virtual_mac: false`",
        )
