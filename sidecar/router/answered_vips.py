"""Unknown machines that answer for a VIP, told to the core of a router that must not serve beside them.

Only for routers with `refuse_answered`, and until they have served: after that no packet is looked at here.
What every router shows of such machines, the observer finds by itself.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sidecar.core.address import Address
from sidecar.core.events import VipAnswered
from sidecar.core.params import RouterParams
from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.state import State
from sidecar.core.wire.captured import Datagram, Spoken, Word, read
from sidecar.net.capture.captures import Heard

MOST: Final = 64
"""Machines that are remembered of each kind."""
SILENCE: Final = 15.0
"""Seconds after which an answer does not count any more: a question is sent every ten."""

_Machine = TypeVar("_Machine")

_VIRTUAL: Final = ("00:00:5e:00:01", "00:00:5e:00:02")


@dataclass(slots=True)
class AnsweredVips:
    """`post` gets what changes. Times are seconds of the core's clock."""

    post: Callable[[VipAnswered], None]
    _since: dict[str, float] = field(default_factory=dict)
    _served: set[str] = field(default_factory=set)
    _told: dict[str, str] = field(default_factory=dict)
    _hosts: dict[str, float] = field(default_factory=dict)
    """MAC addresses of senders of VRRP."""
    _claims: dict[tuple[str, Address, str], float] = field(default_factory=dict)

    @property
    def curious(self) -> bool:
        """Whether packets are to be noted."""
        return bool(self._since)

    def note(self, heard: Heard, now: float) -> None:
        """Take packets of an interface."""
        own = heard.own.hex(":")
        for frame in heard.frames:
            match read(frame):
                case Datagram() if not frame.outgoing:
                    _remember(self._hosts, frame.mac.hex(":"), now)
                case Spoken(Word.CLAIMS, address, mac) if mac != own and not mac.startswith(_VIRTUAL):
                    _remember(self._claims, (heard.interface, address, mac), now)
                case _:
                    pass

    def look(self, params: Iterable[RouterParams], routers: Iterable[RouterSnapshot], now: float) -> None:
        """Judge by what was noted, for the routers as they are now."""
        self._served.update(router.name for router in routers if router.state is State.MASTER)
        refusing = {
            each.name: each for each in params if each.refuse_answered and each.name not in self._served
        }
        self._since = {name: self._since.get(name, now) for name in refusing}
        for name in self._told.keys() - refusing.keys():
            self._tell(name, "")
        for router in routers:
            # A master that lives advertises twice in that time, and is known then.
            if (
                router.name in refusing
                and now - self._since[router.name] >= 2 * refusing[router.name].interval
            ):
                self._tell(router.name, self._why(router, now))

    def _why(self, router: RouterSnapshot, now: float) -> str:
        vips = {vip.ip for vip in router.vips}
        for (interface, address, mac), at in self._claims.items():
            concerns = interface == router.interface and address in vips
            if concerns and now - at <= SILENCE and mac not in self._hosts:
                return (
                    f"another machine answers for {address}: {mac} on {router.device}, which was not heard "
                    "to advertise it; take the address off it, or remove `refuse_answered` to serve beside it"
                )
        return ""

    def _tell(self, name: str, why: str) -> None:
        if self._told.get(name, "") != why:
            self._told[name] = why
            self.post(VipAnswered(name, why))
        if not why:
            self._told.pop(name, None)


def _remember(machines: dict[_Machine, float], machine: _Machine, now: float) -> None:
    machines.pop(machine, None)
    if len(machines) >= MOST:
        del machines[next(iter(machines))]
    machines[machine] = now
