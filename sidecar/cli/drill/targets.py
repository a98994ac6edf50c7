"""Where visitors are served: the ports of the checks that ask this host, at the VIPs. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from sidecar.cli.drill.visitor import Place
from sidecar.core.params import RouterParams
from sidecar.doctor.mistakes.not_listening import endpoint
from sidecar.doctor.readers.visits import Target
from sidecar.plan.check import HttpCheck, TcpCheck
from sidecar.plan.plan import ObserverPlan

_OWN: Final = ("127.0.0.1", "::1", "localhost")


def targets(routers: Iterable[RouterParams], plan: ObserverPlan, *, local: bool) -> Iterator[Target]:
    """Yield each tcp and http check that asks this host over loopback, with each VIP of its routers."""
    for router in routers:
        names = router.checks or tuple(check.name for check in plan.checks)
        for check in plan.checks:
            place = endpoint(check)
            own = place is not None and place[0] in _OWN
            if isinstance(check, HttpCheck | TcpCheck) and check.name in names and own:
                for vip in router.addresses:
                    yield check, vip.ip, local


def places(found: Iterable[Target]) -> tuple[Place, ...]:
    """Return where to connect for these, each place once."""
    return tuple(
        dict.fromkeys(
            Place(address, check.endpoint.port if isinstance(check, TcpCheck) else check.url.port)
            for check, address, _ in found
        )
    )
