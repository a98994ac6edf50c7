"""A VIP that another machine answers for, or that nobody answers for although a master advertises it."""

from collections.abc import Iterable, Iterator
from typing import Final

from sidecar.core.address import Address
from sidecar.core.params import RouterParams
from sidecar.doctor.evidence import Air, Device, Evidence
from sidecar.doctor.mistakes.filtered import serves
from sidecar.doctor.problem import Problem, Severity, Unseen

_VIRTUAL: Final = {4: "00:00:5e:00:01", 6: "00:00:5e:00:02"}


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Compare the MAC addresses that answer for each VIP with those of the hosts that advertise it."""
    if isinstance(evidence.air, Unseen):
        yield evidence.air
        return
    for router in evidence.routers:
        device = evidence.device(router)
        if device is not None and not _filtered(router, evidence):
            for vip in router.addresses:
                yield from _judge(router, device, vip.ip, evidence.air, evidence)


def _filtered(router: RouterParams, evidence: Evidence) -> bool:
    """Whether another host of the pair answers, whose adverts do not arrive: that is told elsewhere."""
    running = evidence.running
    nodes = [] if running is None else running.after.get("nodes", [])
    return not any(evidence.masters(router)) and any(serves(node, router) for node in nodes)


def _judge(
    router: RouterParams, device: Device, vip: Address, air: Air, evidence: Evidence
) -> Iterator[Problem]:
    masters = {heard.mac for heard, advert in evidence.masters(router) if vip in advert.addresses}
    known = {*masters, f"{_VIRTUAL[router.family]}:{router.vrid:02x}", *_own(evidence)}
    answers = [claim.mac for claim in air.claims if (claim.device, claim.address) == (device.name, vip)]
    strange = sorted(set(answers) - known)
    if strange:
        yield _taken(router, device, vip, strange, masters)
    elif masters and not answers and (device.name, vip) in air.probed and not _left(router, evidence):
        yield _unanswered(router, device, vip, masters)


def _own(evidence: Evidence) -> set[str]:
    """Return the MAC addresses of this host: another card of it in this LAN answers, too (see leftovers)."""
    if isinstance(evidence.kernel, Unseen):
        return set()
    return {device.mac for device in evidence.kernel.all_devices}


def _left(router: RouterParams, evidence: Evidence) -> bool:
    """Whether this host had the VIP meanwhile, or the master resigned: a VIP that moves is no mistake."""
    here = evidence.running is not None and evidence.running.spoke(router.name)
    return here or any(not advert.priority for _, advert in evidence.masters(router))


def _taken(
    router: RouterParams, device: Device, vip: Address, strange: list[str], masters: Iterable[str]
) -> Problem:
    by = ", ".join(sorted(masters))
    heard = f"its master advertises from {by}" if by else "no advert for it was heard"
    return Problem(
        router.name,
        Severity.FAULT,
        f"another machine answers for {vip}: {' and '.join(strange)}",
        f"{' and '.join(strange)} said on {device.name} that {vip} is there; {heard}",
        "visitors reach whichever machine answered them last; if it is the other host of this "
        "pair, its adverts do not arrive",
        f"find {strange[0]} (table of MAC addresses of the switch, `arping -I {device.name} "
        f"{vip}`), take the address off it, or exclude it from its DHCP range; else choose a free VIP",
    )


def _unanswered(router: RouterParams, device: Device, vip: Address, masters: Iterable[str]) -> Problem:
    return Problem(
        router.name,
        Severity.FAULT,
        f"nobody answers for {vip}, although a master advertises it",
        f"{', '.join(sorted(masters))} advertises it on {device.name}, and three questions for it "
        "had no answer",
        "visitors of this LAN do not find the VIP: a switch or hypervisor may drop ARP for an "
        "address that it did not give (ARP inspection, port security), or the master's "
        "arp_ignore keeps it silent",
        "allow the address on the ports of all hosts (dynamic ARP inspection, IP source guard, "
        "Hyper-V and ESXi port security); on the master `sysctl net.ipv4.conf.all.arp_ignore`",
    )
