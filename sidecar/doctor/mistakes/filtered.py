"""VRRP that does not arrive: dropped by the firewall of this host, or on the way to it."""

from collections.abc import Iterator
from ipaddress import ip_interface
from typing import Final

from sidecar.core.address import Address
from sidecar.core.params import RouterParams
from sidecar.core.wire.constants import GROUPS
from sidecar.doctor.evidence import Evidence, Heard, ipv6_off, setting
from sidecar.doctor.mistakes.firewall_line import INWARD, OUTWARD, line_for
from sidecar.doctor.problem import Problem, Severity, Unseen
from sidecar.setting_name import setting_name
from sidecar.telemetry.document import LanFinding, Node
from sidecar.telemetry.lan.finding import LanKind

_SURE: Final = 2
"""Adverts of a sender that must have been seen before the firewall: one may be under way at the end."""
_IPV6: Final = 6
_STRICT: Final = 1  # rp_filter: drop what the way back to would be by another interface
_WHY: Final = "a host that hears no advert takes over while the other one serves, and both have the VIP"


def judge(evidence: Evidence) -> Iterator[Problem | Unseen]:
    """Compare what arrives with what comes through, and what other hosts say with what arrives."""
    if isinstance(evidence.air, Unseen):
        yield evidence.air
        return
    for router in evidence.routers:
        dropped = [heard for heard in _for(router, evidence) if heard.count >= _SURE and not heard.passed]
        if router.family == _IPV6 and dropped and _off(router, evidence):
            dropped = []  # no firewall does that: see leftovers
        if dropped:
            yield _by_this_host(router, evidence, dropped[0], evidence.air.seconds)
        else:
            lost = tuple(_on_the_way(router, evidence, evidence.air.seconds))
            yield from lost or _unheard(router, evidence)
        yield from _outward(router, evidence)


def _off(router: RouterParams, evidence: Evidence) -> bool:
    device = evidence.device(router)
    return device is not None and bool(ipv6_off(evidence.settings, device.name))


def _for(router: RouterParams, evidence: Evidence) -> Iterator[Heard]:
    """Yield the undamaged adverts that are sent to this router. IPv6: the kernel drops the damaged ones."""
    device = evidence.device(router)
    own = {vip.ip for vip in device.own} if device is not None else set()
    for heard in evidence.heard(router):
        advert, to = heard.advert, heard.packet.destination
        wanted = to == GROUPS[router.family] if router.unicast is None else to in own
        if advert is not None and advert.vrid == router.vrid and wanted:
            yield heard


def _by_this_host(router: RouterParams, evidence: Evidence, heard: Heard, seconds: float) -> Problem:
    source, interface = heard.packet.source, heard.packet.interface
    mend = line_for(evidence.firewall, router.family, INWARD, interface)
    device = evidence.device(router)
    near = device is None or any(source in own.network for own in device.own)
    strict = setting(evidence.settings, interface, "rp_filter")
    if strict and not near and router.family != _IPV6:
        # The kernel itself drops what no route of this interface leads back to (ip-sysctl, rp_filter).
        mend = (
            f"give {interface} the prefix length of the LAN: {source} is in no network of it, and rp_filter "
            f"is {strict}; else {mend}"
        )
    elif strict == _STRICT and router.family != _IPV6 and (other := _also_near(source, interface, evidence)):
        mend = (
            f"sysctl -w {setting_name(interface, 'rp_filter')}=2   # it is 1, and {other} is in the network "
            f"of {source}, too, so the way back may be by that one; else {mend}"
        )
    return Problem(
        router.name,
        Severity.FAULT,
        f"this host drops the adverts of {source}",
        f"{heard.count} adverts of {source} ({heard.mac}) came to {interface} in "
        f"{seconds:.0f} s, and none of them passed the firewall",
        _WHY,
        mend,
    )


def _also_near(source: Address, interface: str, evidence: Evidence) -> str:
    """Return another interface that has an address in the network of a sender, "" if none has."""
    devices = () if isinstance(evidence.kernel, Unseen) else evidence.kernel.all_devices
    return next(
        (
            device.name
            for device in devices
            if device.up and device.name != interface and any(source in own.network for own in device.own)
        ),
        "",
    )


def _on_the_way(router: RouterParams, evidence: Evidence, seconds: float) -> Iterator[Problem]:
    """Another host says that it is MASTER, and nothing of it arrives although it advertises all the time."""
    if evidence.running is None or any(evidence.masters(router)) or 3 * router.interval > seconds:
        return
    for node in evidence.running.after.get("nodes", []):
        if serves(node, router) and any(
            serves(n, router) for n in _same(evidence.running.before["nodes"], node)
        ):
            yield Problem(
                router.name,
                Severity.FAULT,
                f"no advert of {node['node']} arrives at this host",
                f"{node['url']} says that it is MASTER, and in {seconds:.0f} s none of its adverts came to "
                f"{router.interface}",
                _WHY,
                f"allow IP protocol 112 out of {node['node']} (its firewall, output), and between the hosts "
                "(switch, ACL, security group); where multicast is not passed on, write `unicast`",
            )


def _unheard(router: RouterParams, evidence: Evidence) -> Iterator[Problem]:
    """Another host serves beside this one and is heard here, so it does not hear us, as status says, too."""
    running = evidence.running
    if running is None or not running.serves(router.name):
        return
    refused = {each["source"] for each in running.router(router.name)[-1]["mismatches"] if each["refused"]}
    heard = {str(each.packet.source) for each, _ in evidence.masters(router)} - refused
    if not any(_two(found, router) for found in running.before.get("lan_findings", [])):
        return
    for found in running.after.get("lan_findings", []):
        if _two(found, router) and found["source"] in heard:
            what, _, mend = found["sentence"].partition("; ")
            seen = f"adverts of {found['source']} ({found['mac']}) come to {router.interface} all the time"
            yield Problem(router.name, Severity.FAULT, what, seen, _WHY, mend)
            return


def _two(found: LanFinding, router: RouterParams) -> bool:
    return found["router"] == router.name and found["kind"] == LanKind.TWO_HOLDERS.value


def _same(nodes: list[Node], wanted: Node) -> list[Node]:
    return [node for node in nodes if node["url"] == wanted["url"]]


def serves(node: Node, router: RouterParams) -> bool:
    """Whether another host was MASTER of a VIP of this router when it was read last."""
    vips = {vip.ip for vip in router.addresses}
    return not node["fault"] and any(
        each["state"] == "MASTER" and any(ip_interface(owned).ip in vips for owned in each["owned"])
        for each in node["virtual_routers"]
    )


def _outward(router: RouterParams, evidence: Evidence) -> Iterator[Problem]:
    for told in () if evidence.running is None else evidence.running.router(router.name)[-1:]:
        if told["cannot_send"]:
            device = told["device"] or router.interface
            yield Problem(
                router.name,
                Severity.FAULT,
                "no other host can hear this one",
                told["cannot_send"],
                _WHY,
                line_for(evidence.firewall, router.family, OUTWARD, device),
            )
