"""Gathers the evidence: every reader once. It takes some seconds, and changes nothing on the host."""

from collections.abc import Iterator

from sidecar.core.params import RouterParams
from sidecar.doctor.evidence import Evidence, Kernel, Running
from sidecar.doctor.mistakes.not_listening import endpoint
from sidecar.doctor.problem import Unseen
from sidecar.doctor.readers.air import listen, seconds
from sidecar.doctor.readers.firewall import read_firewall
from sidecar.doctor.readers.kernel import read_kernel
from sidecar.doctor.readers.machine import read_clock, read_platform
from sidecar.doctor.readers.proc_net import read_listening, read_speakers
from sidecar.doctor.readers.settings import read_settings
from sidecar.doctor.readers.status import Get, read_removed, read_status
from sidecar.doctor.readers.visits import Target, visit_all
from sidecar.plan.check import HttpCheck, TcpCheck
from sidecar.plan.plan import ObserverPlan
from sidecar.telemetry.document import Status


def gather(routers: tuple[RouterParams, ...], plan: ObserverPlan, get: Get | None) -> Evidence:
    """Return everything that can be seen from here. `get` asks the running sidecar; None: there is none.

    Raises NotReady, and what `get` raises.
    """
    before = None if get is None else read_status(get)
    kernel = read_kernel(routers)
    # The own sockets of the examination come with `listen`, so those of others are read before.
    speakers = read_speakers(None if before is None else _router_process(before))
    air = listen(routers, kernel, seconds(routers))
    after = None if get is None else read_status(get)
    running = None if before is None or after is None else Running(before, after)
    return Evidence(
        routers=routers,
        plan=plan,
        running=running,
        kernel=kernel,
        air=air,
        speakers=speakers,
        firewall=read_firewall(),
        settings=read_settings(_devices(kernel)),
        listening=read_listening(),
        platform=read_platform(),
        synchronised=read_clock(),
        removed={} if get is None else read_removed(get),
        visits=() if running is None else visit_all(_targets(routers, plan, running)),
    )


def _router_process(status: Status) -> int:
    """Return the id of the process that speaks VRRP; 0, which is none, if it is not known."""
    processes = status.get("processes")
    router = None if processes is None else processes["router"]
    return 0 if router is None else router["pid"]


def _devices(kernel: Kernel | Unseen) -> list[str]:
    return [] if isinstance(kernel, Unseen) else [device.name for device in kernel.all_devices]


def _targets(routers: tuple[RouterParams, ...], plan: ObserverPlan, running: Running) -> Iterator[Target]:
    """Yield the checks that ask this host over loopback, with each VIP that somebody serves all the time."""
    for router in routers:
        names = router.checks or tuple(check.name for check in plan.checks)
        states = {told["state"] for told in running.router(router.name)}
        masters = all(told["master"] for told in running.router(router.name))
        for check in plan.checks:
            place = endpoint(check)
            if (
                isinstance(check, HttpCheck | TcpCheck)
                and check.name in names
                and place is not None
                and place[0] in ("127.0.0.1", "::1", "localhost")
                and len(states) == 1
                and masters
            ):
                for vip in router.addresses:
                    yield check, vip.ip, running.serves(router.name)
