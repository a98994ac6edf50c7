"""Evidence that was made by hand: a healthy backup of two hosts, with changes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from ipaddress import ip_address, ip_interface
from typing import Any

from sidecar.core.events import PacketReceived
from sidecar.core.params import RouterParams
from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.constants import GROUPS
from sidecar.doctor.evidence import Air, Claim, Device, Evidence, Heard, Kernel, Running
from sidecar.doctor.problem import Problem, Unseen
from sidecar.plan.check import HttpCheck
from sidecar.plan.endpoints import HttpUrl
from sidecar.plan.plan import ObserverPlan
from sidecar.telemetry.document import Status
from tests.unit.cli.handmade import status

VIP = ip_interface("192.0.2.100/32")
OTHER = "192.0.2.11"
OTHER_MAC = "02:00:00:00:00:11"
ETH0 = Device("eth0", 2, "02:00:00:00:00:12", own=(ip_interface("192.0.2.12/24"),))
HTTP = HttpCheck("http", HttpUrl(tls=False, host="127.0.0.1", port=8088, target="/"))


def router(**changes: Any) -> RouterParams:
    """The router of this host, which has the lower priority."""
    whole: dict[str, Any] = {
        "name": "web",
        "interface": "eth0",
        "vrid": 51,
        "priority": 240,
        "addresses": (VIP,),
    }
    return RouterParams(**(whole | changes))


def heard(
    *,
    source: str = OTHER,
    mac: str = OTHER_MAC,
    to: str = "",
    outgoing: bool = False,
    count: int = 4,
    passed: int = 4,
    addresses: Sequence[str] = ("192.0.2.100",),
    **advert: Any,
) -> Heard:
    """Adverts of the other host."""
    sender = ip_address(source)
    target = ip_address(to) if to else GROUPS[sender.version]
    whole: dict[str, Any] = {"vrid": 51, "priority": 250, "interval_cs": 100}
    said = Advert(addresses=tuple(map(ip_address, addresses)), **(whole | advert))
    payload = encode(said, sender, target, pseudo_header=True)
    packet = PacketReceived("eth0", sender, target, 255, payload)
    return Heard(mac, outgoing, packet, count, passed)


def evidence(
    *said: Heard,
    router: RouterParams = router(),  # noqa: B008 - frozen
    kernel: Kernel | None = None,
    running: Running | None = None,
    **changes: Any,
) -> Evidence:
    """What a healthy host sees, with other packets, and changes."""
    answer = Claim("eth0", VIP.ip, OTHER_MAC)
    air = Air(4.0, said or (heard(),), (answer,), frozenset({("eth0", VIP.ip)}))
    found = kernel or Kernel({"eth0": ETH0}, ("lo", "eth0"), all_devices=(ETH0,))
    whole = Evidence((router,), ObserverPlan("b", checks=(HTTP,), shared_hash="9f3a"), running, found, air)
    return replace(whole, **changes)


def told(**changes: Any) -> Status:
    """The status of a healthy backup, with changes of its router."""
    whole = {"state": "BACKUP", "priority": {"configured": 240, "effective": 240}, "mismatches": []}
    return status(router=whole | changes, owned=False, nodes=[], node_findings=[])


def running(before: Status | None = None, after: Status | None = None) -> Running:
    """A sidecar that runs beside the examination."""
    first = before or told()
    return Running(first, after or first)


def node(**router: Any) -> dict[str, Any]:
    """Another host as the status shows it: a MASTER."""
    shown = {
        "name": "web",
        "vrid": 51,
        "state": "MASTER",
        "fit": True,
        "priority": {"configured": 250, "effective": 250},
        "owned": ["192.0.2.100"],
    }
    whole: dict[str, Any] = {"url": "http://192.0.2.11:9650", "node": "a", "fault": None}
    return whole | {"virtual_routers": [shown | router]}


def problems(found: Iterable[Problem | Unseen]) -> list[Problem]:
    """All problems, of which each text is a line of its own that can be printed."""
    real = [each for each in found if isinstance(each, Problem)]
    for each in real:
        for text in (each.what, each.evidence, each.why, each.mend):
            assert text
            assert text.isprintable(), text
    return real


def unseen(found: Iterable[Problem | Unseen]) -> list[str]:
    """All reasons why something was not seen."""
    return [each.why for each in found if isinstance(each, Unseen)]
