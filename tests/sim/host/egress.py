"""Where packets and frames leave a host: its firewall, and the cable behind it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf

from sidecar.core.actions import Announce, SendAdvert, TrySending
from sidecar.core.address import Address
from sidecar.core.events import AdvertSent, SendFailed, SendTried
from sidecar.core.wire.constants import GROUPS


@dataclass(slots=True)
class Wires:
    """Where a host's packets and frames go."""

    packet: Callable[[int, Address, Address, bytes], None]
    frames: Callable[[int, tuple[bytes, ...]], None]


@dataclass(slots=True)
class Egress:
    """`number` is the port of the host on the LAN."""

    number: int
    wires: Wires
    link_up: bool = True
    unsendable: frozenset[Address] = frozenset()
    """Destinations to which the firewall lets no advertisement out."""
    mute_since: float = inf
    """True time since which none can be reached."""
    sees_trials: bool = True
    """Whether the firewall stops trials too. One behind the output hook does not."""

    def mute(self, destinations: Iterable[Address], now: float, *, trials: bool) -> None:
        """Let no advertisement out to any of these, which are all there are."""
        self.unsendable, self.mute_since, self.sees_trials = frozenset(destinations), now, trials

    def unmute(self) -> None:
        """Let everything out."""
        self.unsendable, self.mute_since, self.sees_trials = frozenset(), inf, True

    def refuses(self, command: SendAdvert) -> bool:
        """Whether this goes to nobody."""
        return {destination for destination, _ in command.packets} <= self.unsendable

    def advertise(self, command: SendAdvert) -> SendFailed | AdvertSent | None:
        """Send to whom the firewall allows, and return what the kernel says about it."""
        for destination, payload in command.packets:
            if self.link_up and destination not in self.unsendable:
                self.wires.packet(self.number, command.source, destination, payload)
        if any(destination in self.unsendable for destination, _ in command.packets):
            unheard = self.refuses(command)
            return SendFailed(command.router, "EPERM", unheard, heard=not unheard)
        return AdvertSent(command.router) if command.confirm else None

    def refuses_trial(self, command: TrySending) -> bool:
        """Whether this does not get out."""
        return self.sees_trials and command.destination in self.unsendable

    def try_sending(self, command: TrySending) -> SendTried:
        """Send, and return what the kernel says. A trial to the group stays here, one to a peer does not."""
        if self.refuses_trial(command):
            return SendTried(command.router, "EPERM")
        if self.link_up and command.destination not in self.unsendable | {GROUPS[command.source.version]}:
            self.wires.packet(self.number, command.source, command.destination, command.payload)
        return SendTried(command.router)

    def announce(self, command: Announce) -> None:
        """Send the frames, if there is a link."""
        if self.link_up:
            self.wires.frames(self.number, command.frames)
