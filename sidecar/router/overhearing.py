"""Passes on what is overheard on the LAN, and asks there for the VIPs: bounded, and nothing waits for it.

Two packets a second cost two reads in a second. A flood costs a bounded number of reads in each turn of
the loop, and of turns; the rest is left to the kernel, which drops it. Equal packets, such as the adverts of
a master, are passed on once between two looks: at an interval of 10 ms they are a hundred a second.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Final

from sidecar.channel.down import OVERHEARD, Overheard
from sidecar.channel.send_queue import Importance
from sidecar.core.address import Address
from sidecar.core.events import VipAnswered
from sidecar.core.params import RouterParams
from sidecar.core.snapshot import RouterSnapshot, Snapshot, Standing
from sidecar.core.wire.captured import ETHERTYPE_IPV4, Frame
from sidecar.event_loop import EventLoop, Timer
from sidecar.net.capture.captures import Captures, Heard, Place
from sidecar.net.capture.packet_socket import Capture
from sidecar.net.vrrp.frames import FrameSocket
from sidecar.net.worker import Worker
from sidecar.router.answered_vips import AnsweredVips
from sidecar.router.publisher import MessageListener
from sidecar.router.vip_probes import VipProbes

BATCH: Final = OVERHEARD.number
"""Packets that are read in one turn of the loop at most."""
AGAIN: Final = 0.1
"""Seconds until the next turn after one that did not read everything."""


class Overhearing:
    """For the thread of the loop. `look` is called once a second, and more often while it is `curious`."""

    def __init__(
        self,
        loop: EventLoop,
        listener: MessageListener,
        trouble: Callable[[str, str, str], None],
        post: Callable[[VipAnswered], None],
    ) -> None:
        self._loop = loop
        self._listener = listener
        self._closer = Worker("captures", loop)
        self._captures = Captures(loop.clock, self._retire, lambda why: trouble("lan", "capture", why))
        self._probes = VipProbes()
        self._answered = AnsweredVips(post)
        self._frames: FrameSocket | None = None
        self._again: Timer | None = None
        self._known: tuple[object, tuple[RouterParams, ...]] = (None, ())
        self._routers: tuple[RouterSnapshot, ...] = ()
        self._passed_on = set[tuple[str, Frame]]()

    def look(
        self,
        standing: Standing,
        params: tuple[RouterParams, ...],
        present: Callable[[], tuple[Snapshot, object]],
    ) -> None:
        """Listen where the routers are, ask, and pass on what was heard.

        Pictures of the routers are made by `present` when they may have changed in what counts here.
        """
        now = self._loop.clock()
        self._passed_on.clear()
        if (standing.routers, params) != self._known or self._captures.moved:
            self._known = standing.routers, params
            self._routers = present()[0].routers
            self._captures.listen(_places(self._routers))
        for device, frame in self._probes.frames(self._routers, self._captures.macs, now):
            self._ask(device, frame)
        if self._again is None:
            self._read()
        self._answered.look(params, self._routers, now)

    @property
    def curious(self) -> bool:
        """Whether a router must not begin to serve beside somebody who answers for its VIPs."""
        return self._answered.curious

    def close(self) -> None:
        """Listen no more. Sockets that the kernel keeps for a moment keep nobody waiting."""
        if self._again is not None:
            self._again.cancel()
        self._captures.close()
        if self._frames is not None:
            self._frames.close()
        self._closer.close(wait=False)

    def _ask(self, device: str, frame: bytes) -> None:
        with suppress(OSError):  # the next question follows, and an interface that is down tells so itself
            if self._frames is None:
                self._frames = FrameSocket()
            self._frames.send(device, frame)

    def _read(self) -> None:
        self._again = None
        number, now = 0, self._loop.clock()
        for heard in self._captures.receive(BATCH):
            number += len(heard.frames)
            if self._answered.curious:
                self._answered.note(heard, now)
            if self._listener.attended and (news := tuple(self._news(heard))):
                self._listener.tell(Overheard(now, heard.interface, heard.own, news), Importance.STATE)
        if number == BATCH:
            self._again = self._loop.call_later(AGAIN, self._read)

    def _news(self, heard: Heard) -> Iterator[Frame]:
        """Yield the packets of which no equal one was passed on since the last look."""
        for frame in heard.frames:
            kind = heard.interface, _without_identification(frame)
            if kind not in self._passed_on:
                self._passed_on.add(kind)
                yield frame

    def _retire(self, capture: Capture) -> None:
        self._closer.submit(capture.close)


def _without_identification(frame: Frame) -> Frame:
    """Return it without what a sender counts up in the IPv4 header, and without its checksum (RFC 791)."""
    if frame.ethertype != ETHERTYPE_IPV4:
        return frame
    return replace(frame, data=frame.data[:4] + frame.data[6:10] + frame.data[12:])


def _places(routers: Iterable[RouterSnapshot]) -> dict[str, Place]:
    """Return by interface where to listen: its present name, and the VIPs of all its routers."""
    vips: dict[str, set[Address]] = {}
    devices: dict[str, str] = {}
    for router in routers:
        if router.device:
            devices[router.interface] = router.device
            vips.setdefault(router.interface, set()).update(vip.ip for vip in router.vips)
    return {interface: Place(device, frozenset(vips[interface])) for interface, device in devices.items()}
