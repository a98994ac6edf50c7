"""The one place for what may be shown: what the router tells, and what this process knows itself.

Every attribute is replaced as a whole, never changed in place, so readers need no lock: they see
the old value or the new one.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from threading import Lock
from typing import Final

from sidecar import __version__
from sidecar.core.pool.snapshot import PoolSnapshot
from sidecar.core.snapshot import Snapshot
from sidecar.plan.rules import Rulebook
from sidecar.telemetry.drain_file import Drained
from sidecar.telemetry.events.store import EventStore
from sidecar.telemetry.hook_outcomes import HookOutcome, HookOutcomes
from sidecar.telemetry.lan.finding import LanFinding
from sidecar.telemetry.lan.findings import lan_findings
from sidecar.telemetry.lan.picture import LanPicture
from sidecar.telemetry.node_findings import NodeFinding, findings
from sidecar.telemetry.node_record import NodeRecord
from sidecar.telemetry.processes import Processes

STUCK_AFTER: Final = 2.0
"""Seconds without a beat after which the loop counts as stuck; it beats at least every second."""

BELIEVED_FOR: Final = 1.0
"""Seconds without a beat after which nobody is told any more that we hold a VIP: its lease may be over."""

CLOCK_SET: Final = 0.01
"""Seconds by which both clocks must have come apart: then somebody has set one. Less is the time between two
readings, and would move every moment of the past at each look.
"""

NO_RULES: Final = Rulebook()
NOTHING_HEARD: Final = LanPicture()


@dataclass(frozen=True, slots=True)
class View:
    """Everything that may be shown, at one moment: `now` by the core's clock, `wall` in Unix seconds."""

    snapshot: Snapshot
    now: float
    wall: float
    beat_age: float
    uptime: float
    version: str
    revision: str
    config_hash: str
    config_shared_hash: int
    config_reload_ok: bool
    maintenance: bool
    drained: Drained | None
    docker_connected: bool | None
    pools: tuple[PoolSnapshot, ...] = ()
    troubles: tuple[str, ...] = ()
    processes: Processes | None = None
    nodes: tuple[NodeRecord, ...] = ()
    """The other hosts, as they tell of themselves."""
    rules: Rulebook = NO_RULES
    """The rules that the routers of the snapshot follow."""
    hooks: tuple[HookOutcome, ...] = ()
    lan: LanPicture = NOTHING_HEARD
    """What was overheard on the LAN of each router."""

    @property
    def alive(self) -> bool:
        """Whether the loop runs."""
        return self.beat_age <= STUCK_AFTER

    @property
    def believed(self) -> bool:
        """Whether the last beat is young enough to claim that we hold a VIP.

        With each beat the router says that states and VIPs are still those of the last snapshot.
        """
        return self.beat_age <= BELIEVED_FOR

    @property
    def picture_age(self) -> float:
        """Seconds since the snapshot was made. Above a second the router did not answer a question."""
        return max(0.0, self.now - self.snapshot.at)

    @property
    def current(self) -> bool:
        """Whether also what changes with each packet is as the snapshot says."""
        return self.believed and self.picture_age <= BELIEVED_FOR

    def heard_ago(self, moment: float) -> float:
        """Return how long ago a packet was the last one when the snapshot was made.

        What the router has heard since then is not known here.
        """
        return max(0.0, self.snapshot.at - moment)

    @property
    def node_findings(self) -> tuple[NodeFinding, ...]:
        """Findings about the other hosts."""
        # While the router stands still nobody listens on the LAN either.
        ours, lan = (self.snapshot.routers, self.lan) if self.believed else ((), NOTHING_HEARD)
        return findings(self.nodes, ours, self.config_hash, self.now, lan, self._time)

    @property
    def lan_findings(self) -> tuple[LanFinding, ...]:
        """What was overheard and is wrong. Nothing while the loop is stuck, as its routers may have moved."""
        return lan_findings(self.lan, self.snapshot.routers, self.now, self._time) if self.believed else ()

    def _time(self, moment: float) -> str:
        return time.strftime("%H:%M:%S UTC", time.gmtime(self.at_wall(moment)))

    def at_wall(self, moment: float) -> float:
        """Return a time of the core's clock as Unix seconds."""
        return self.wall - (self.now - moment)


class StatusStore:
    """The latest snapshot, the pulse of the loop, and facts that are not the core's.

    The public attributes may be set by anyone at any time. `docker_connected` is None when no Docker is
    configured; `config_shared_hash` covers what all hosts must have in common.
    """

    def __init__(self, clock: Callable[[], float], wall: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._wall = wall
        self._started = clock()
        self._apart: float | None = None
        """Unix seconds less those of the core's clock."""
        self._beat = -inf
        self._snapshot: Snapshot | None = None
        self.node = ""
        self.boot = ""
        """The kernel's name for the time since this host was booted."""
        self.version = __version__
        self.revision = os.environ.get("VIP_SIDECAR_REVISION", "unknown")
        self.config_hash = ""
        self.config_shared_hash = 0
        self.config_reload_ok = True
        self.maintenance = False
        self.drained: Drained | None = None
        self.docker_connected: bool | None = None
        self.pools: tuple[PoolSnapshot, ...] = ()
        self.processes: Processes | None = None
        self.nodes: tuple[NodeRecord, ...] = ()
        self.rules = NO_RULES
        self.hooks = HookOutcomes()
        self.lan = NOTHING_HEARD
        self.events: EventStore | None = None
        self.look: Callable[[bool], None] = lambda _: None
        """Asks the router how things stand, for `refresh`."""
        self.started_at = wall()
        self._troubles: dict[str, str] = {}
        self._changing = Lock()

    def refresh(self, *, totals: bool = False) -> None:
        """Show how things stand at this call or later, from now on; with `totals`, also what was counted.

        To be called before anything is shown, in a thread that may wait. For a router that stands still it
        waits some 60 ms: then the last snapshot stays, with its age.
        """
        self.look(totals)

    def configured(self, shared_hash: str, *, docker: bool) -> None:
        """Say what this process began with: the hash of what hosts must share, and whether Docker is used."""
        self.config_hash, self.config_shared_hash = shared_hash, int(shared_hash, 16)
        self.docker_connected = False if docker else None

    def docker(self, connected: bool, detail: str) -> bool:
        """Say that Docker answers, or why not. Return whether that is news."""
        if connected:
            self.settled("docker")
        else:
            self.trouble("docker", detail)
        before, self.docker_connected = self.docker_connected, connected
        return before is not connected

    def publish(self, snapshot: Snapshot) -> None:
        """Show this snapshot from now on."""
        self._snapshot = snapshot

    def show_nodes(self, nodes: tuple[NodeRecord, ...]) -> None:
        """Show the other hosts like this from now on."""
        self.nodes = nodes

    def began(self, at: float) -> None:
        """Say since when the router lives."""
        self._started = at

    def beat(self, now: float) -> None:
        """Say that the loop ran at `now`."""
        self._beat = now

    def trouble(self, service: str, detail: str) -> None:
        """Show what is wrong with a side service, such as a status server that cannot listen."""
        with self._changing:
            self._troubles = {**self._troubles, service: detail}

    def settled(self, service: str) -> None:
        """Show no trouble of this side service any more."""
        with self._changing:
            self._troubles = {name: why for name, why in self._troubles.items() if name != service}

    def clocks(self) -> tuple[float, float]:
        """Return this moment by both clocks: in Unix seconds, and in seconds since this host was booted."""
        return self._wall(), self._clock()

    @property
    def beat_age(self) -> float:
        """Seconds since the last beat; infinite before the first."""
        return max(0.0, self._clock() - self._beat)

    def alive(self, limit: float = STUCK_AFTER) -> bool:
        """Say whether the loop ran within the last `limit` seconds."""
        return self.beat_age <= limit

    def view(self) -> View | None:
        """Return what may be shown now; None before the first snapshot."""
        # The snapshot is read first: an age that is too young would make a claim, one too old does not.
        snapshot = self._snapshot
        if snapshot is None:
            return None
        now, apart = self._moment()
        return View(
            snapshot=snapshot,
            now=now,
            wall=now + apart,
            beat_age=max(0.0, now - self._beat),
            uptime=now - self._started,
            version=self.version,
            revision=self.revision,
            config_hash=self.config_hash,
            config_shared_hash=self.config_shared_hash,
            config_reload_ok=self.config_reload_ok,
            maintenance=self.maintenance,
            drained=self.drained,
            docker_connected=self.docker_connected,
            pools=self.pools,
            troubles=tuple(self._troubles.values()),
            processes=self.processes,
            nodes=self.nodes,
            rules=self.rules,
            hooks=self.hooks.shown,
            lan=self.lan,
        )

    def _moment(self) -> tuple[float, float]:
        """Return this moment of the core's clock, and how far Unix time is from it."""
        before, wall, now = self._clock(), self._wall(), self._clock()
        apart = self._apart
        if apart is None or (abs(wall - now - apart) > CLOCK_SET >= now - before):
            apart = self._apart = wall - now
        return now, apart
