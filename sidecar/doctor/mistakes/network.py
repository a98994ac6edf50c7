"""A VIP that does not belong to the network of its interface, and hosts that disagree about that network."""

from collections.abc import Iterator

from sidecar.core.params import RouterParams
from sidecar.doctor.evidence import Device, Evidence, Kernel
from sidecar.doctor.problem import Problem, Severity, Unseen


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Compare the VIPs, and the senders of adverts, with the networks of the interface."""
    if isinstance(evidence.kernel, Unseen):
        yield evidence.kernel
        return
    for router in evidence.routers:
        device = evidence.kernel.device(router)
        if device is None:
            yield _absent(router, evidence.kernel)
        else:
            yield from _outside(router, device)
            yield from _senders(router, device, evidence)


def _absent(router: RouterParams, kernel: Kernel) -> Problem:
    names = ", ".join(name for name in kernel.names if name != "lo") or "none but lo"
    first = next((name for name in kernel.names if name != "lo"), "eth0")
    return Problem(
        router.name,
        Severity.FAULT,
        f"there is no interface {router.interface}",
        f"this host has {names}",
        "the router is in FAULT until there is one",
        f"interface: {first}",
    )


def _networks(router: RouterParams, device: Device) -> list[str]:
    return [
        str(own.network) for own in device.own if own.version == router.family and not own.ip.is_link_local
    ]


def _outside(router: RouterParams, device: Device) -> Iterator[Problem]:
    own = [each for each in device.own if each.version == router.family]
    lost = [
        vip
        for vip in router.addresses
        if own and not vip.ip.is_link_local and not any(vip.ip in each.network for each in own)
    ]
    if not lost:
        return
    networks = _networks(router, device)
    shown = ", ".join(networks) or "link-local alone"
    example = networks[0] if networks else "the network of the visitors"
    yield Problem(
        router.name,
        Severity.FAULT,
        f"{lost[0].ip} is in no network of {device.name}",
        f"{device.name} has {shown}",
        "hosts of that LAN ask their router for such an address and never find it by ARP",
        f"addresses: [...]   # a free address of {example}",
    )


def _senders(router: RouterParams, device: Device, evidence: Evidence) -> Iterator[Problem]:
    """A master outside our networks: /24 on one host and /16 on the other, or another subnet."""
    own = [each for each in device.own if each.version == router.family]
    for heard, _ in evidence.masters(router):
        source = heard.packet.source
        if own and not source.is_link_local and not any(source in each.network for each in own):
            shown = ", ".join(_networks(router, device))
            yield Problem(
                router.name,
                Severity.WARNING,
                f"the other host, {source}, is in no network of {device.name}",
                f"{source} ({heard.mac}) advertises {router.name}; {device.name} has {shown}",
                "the prefix lengths of the two hosts differ, or their subnets: after a failover "
                "some visitors are answered by another way, or not at all",
                f"compare `ip address show` of both hosts, and give {device.name} the prefix "
                "length of the LAN",
            )
            return
