"""Where the router's messages go about how things stand: into metrics, the picture, and the status store."""

from collections.abc import Callable
from dataclasses import dataclass

from sidecar.channel.down import Beat, CheckShown, Overheard, Pulse, RouterShown, Totals
from sidecar.observer.picture import Picture
from sidecar.observer.refresh import Refresh
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.status_store import StatusStore


@dataclass(frozen=True, slots=True)
class Shown:
    """For the thread of the loop. `alive` is called with each sign of life of the router."""

    status_store: StatusStore
    metrics: Metrics
    picture: Picture
    refresh: Refresh
    alive: Callable[[], None]

    def take(self, message: Totals | RouterShown | CheckShown | Beat | Pulse | Overheard) -> None:
        """Take one of them."""
        match message:
            case Totals():
                self.metrics.take(message)
            case Beat(at):
                self.status_store.beat(at)
                self.alive()
            case RouterShown() | CheckShown():
                self.picture.take(message)
            case Pulse():
                self.picture.pulse(message)
                self.refresh.told(message.answers)
                self.alive()
            case Overheard():
                pass  # it is for the LAN alone: lan_watch.py
