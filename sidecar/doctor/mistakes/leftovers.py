"""Tables and settings of the kernel that eat the traffic of a VIP."""

from collections.abc import Iterator
from typing import Final

from sidecar.core.params import RouterParams
from sidecar.doctor.evidence import Device, Evidence, Kernel, ipv6_off, setting
from sidecar.doctor.problem import Problem, Severity, Unseen
from sidecar.setting_name import setting_name

_KEEPALIVED: Final = "keepalived"
_NEVER_ANSWERS: Final = 8
"""Value of arp_ignore: no answer for any address."""
_STRICT: Final = 1
_IPV6: Final = 6


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Look for keepalived's tables, and for settings that hide a VIP."""
    if isinstance(evidence.firewall, Unseen):
        yield evidence.firewall
    elif not _keepalived_runs(evidence):
        for family, table in evidence.firewall.tables:
            if table.startswith(_KEEPALIVED):
                yield _table(family, table)
    if isinstance(evidence.kernel, Unseen):
        yield evidence.kernel
        return
    for router in evidence.routers:
        device = evidence.kernel.device(router)
        if device is not None:
            yield from _settings(router, device, evidence)
            yield from _twins(router, device, evidence.kernel, evidence)


def _keepalived_runs(evidence: Evidence) -> bool:
    """Whether the tables have an owner: what to do then is said about that program."""
    return not isinstance(evidence.speakers, Unseen) and bool(evidence.speakers)


def _table(family: str, table: str) -> Problem:
    return Problem(
        "",
        Severity.FAULT,
        f"keepalived has left its table {table} ({family}) in this host's firewall",
        f"`nft list table {family} {table}`; no keepalived runs",
        "it drops what is sent to its virtual addresses (`vrrp_strict`, `no_accept`), so a VIP "
        "here is not reached",
        f"nft delete table {family} {table}",
    )


def _settings(router: RouterParams, device: Device, evidence: Evidence) -> Iterator[Problem]:
    settings = evidence.settings
    if router.family == _IPV6:
        if where := ipv6_off(settings, device.name):
            yield Problem(
                router.name,
                Severity.FAULT,
                f"IPv6 is switched off on {device.name}",
                f"net.ipv6.conf.{where}.disable_ipv6 = 1",
                "the kernel takes no IPv6 address",
                f"sysctl -w {setting_name(where, 'disable_ipv6', 6)}=0",
            )
    elif setting(settings, device.name, "arp_ignore") >= _NEVER_ANSWERS:
        where = _guilty(evidence, device, "arp_ignore")
        yield Problem(
            router.name,
            Severity.FAULT,
            f"{device.name} answers no ARP",
            f"net.ipv4.conf.{where}.arp_ignore = {settings[f'net.ipv4.conf.{where}.arp_ignore']}",
            "nobody finds the VIP on this host",
            f"sysctl -w {setting_name(where, 'arp_ignore')}=0",
        )


def _guilty(evidence: Evidence, device: Device, name: str) -> str:
    return max(
        ("all", device.name), key=lambda where: evidence.settings.get(f"net.ipv4.conf.{where}.{name}", 0)
    )


def _twins(router: RouterParams, device: Device, kernel: Kernel, evidence: Evidence) -> Iterator[Problem]:
    """A second interface in the subnet of the VIP answers ARP, too, and rp_filter drops what it gets."""
    if router.family == _IPV6 or router.virtual_mac:
        return
    near = [other.name for other in kernel.all_devices if _is_twin(router, device, other)]
    answering = _answering(router, device, evidence)
    twins = [*near, *(each.name for each in kernel.all_devices if each.mac in answering - {device.mac})]
    twins = list(dict.fromkeys(twins))
    if not twins:
        return
    loose = [name for name in (device.name, *twins) if setting(evidence.settings, name, "arp_ignore") == 0]
    strict = [name for name in twins if setting(evidence.settings, name, "rp_filter") == _STRICT]
    if loose:
        place = "has an address in the subnet" if near else "is in the LAN"
        yield Problem(
            router.name,
            Severity.WARNING,
            f"{' and '.join(twins)} {place} of the VIP, too, and answers ARP for it",
            f"arp_ignore is 0 on {', '.join(loose)}; rp_filter is 1 on {', '.join(strict) or 'none of them'}",
            "visitors learn the MAC address of either card; where rp_filter is 1, half of them "
            "are not answered",
            "sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2",
        )


def _answering(router: RouterParams, device: Device, evidence: Evidence) -> set[str]:
    """Return the MAC addresses that have answered for a VIP."""
    if isinstance(evidence.air, Unseen):
        return set()
    vips = {vip.ip for vip in router.addresses}
    return {said.mac for said in evidence.air.claims if said.device == device.name and said.address in vips}


def _is_twin(router: RouterParams, device: Device, other: Device) -> bool:
    networks = [own.network for own in other.own if own.network.prefixlen < own.max_prefixlen]
    return (
        other.up
        and other.index != device.index
        and any(vip.ip in network for vip in router.addresses for network in networks)
    )
