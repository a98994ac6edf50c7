"""One host as its two processes know it: real core, real counting of results, real messages between them."""

from sidecar.channel.down import DOWN, CheckShown, Pulse, RouterShown
from sidecar.core.actions import Action, DropVips, HoldVips, SendAdvert, TrySending
from sidecar.core.events import (
    AdvertSent,
    Event,
    InterfaceChanged,
    InterfaceState,
    PacketReceived,
    SendTried,
    Started,
    VipsDropped,
    VipsHeld,
)
from sidecar.core.health.health import Health
from sidecar.core.health.observer_events import ChecksFresh, CheckVerdict
from sidecar.core.health.params import CheckParams
from sidecar.core.health.result import CheckReported, CheckResult, Outcome
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.wire.advert import GROUP_V4, Advert, encode
from sidecar.core.wire.constants import V3
from sidecar.observer.picture import Picture
from sidecar.plan.rules import Rulebook, rules_of
from sidecar.privileges import Privileges
from sidecar.telemetry.node_document import NodeTold
from sidecar.telemetry.node_record import NodeRecord
from sidecar.telemetry.processes import ObserverFacts
from sidecar.telemetry.status_store import StatusStore, View
from tests.fuzz.channel_decoders import PROCESS
from tests.unit.core.stage import MAC, PEER, US, VIP, router
from tests.unit.telemetry.handmade import Clock

EPOCH = 1_790_000_000.0
"""Unix time at 0 of the clock."""
LINK = InterfaceChanged("eth0", InterfaceState(2, up=True, mac=MAC, addresses=(US,), name="eth0"))
CABLE_OUT = InterfaceChanged("eth0", InterfaceState(2, up=False, mac=MAC, addresses=(US,), name="eth0"))
HTTP = CheckParams("http", "http", max_age=3.5)
GATEWAY = CheckParams("gateway", "icmp", fall=3, weight=-20, max_age=3.5)
SPARE = CheckParams("spare", "file", weight=10)
_OWN = Privileges(0, 0, 0, 0, 0, 0, 0, no_new_privileges=True)


class Host:
    """Node `a`, from the clock's 0 on. Its router `web` depends on all `checks`."""

    def __init__(self, priority: int = 240, *checks: CheckParams, **more: object) -> None:
        names = tuple(check.name for check in checks)
        weights = tuple(check.weight for check in checks if check.weight is not None)
        self._begin(NodeParams("a", (router(priority, checks=names, weights=weights, **more),), checks))

    @classmethod
    def of(cls, *routers: RouterParams, groups: tuple[tuple[str, ...], ...]) -> "Host":
        """Return a host with these routers and no checks."""
        made = cls.__new__(cls)
        made._begin(NodeParams("a", routers, sync_groups=groups))
        return made

    def _begin(self, params: NodeParams) -> None:
        self.params = params
        self.kernel = True
        self.clock = Clock(0.0)
        self.node = Node(params, 0.0)
        self.health = Health(params.checks, 0.0)
        self.status_store = StatusStore(self.clock, wall=lambda: EPOCH + self.clock.now)
        self.status_store.config_hash = "9f3a"

    def at(self, now: float, *events: Event) -> "Host":
        """Time has passed, and these events come at once; the kernel does what it is asked, if it does."""
        self.clock.now = now
        todo = self.node.step(events, now)
        while answers := [answer for action in todo if (answer := self._answer(action, now))]:
            todo = self.node.step(answers, now)
        return self

    def _answer(self, action: Action, now: float) -> Event | None:
        if not self.kernel:
            return None
        match action:
            case HoldVips():
                return VipsHeld(action.router, now)
            case DropVips():
                return VipsDropped(action.router)
            case SendAdvert(confirm=True):
                return AdvertSent(action.router)
            case TrySending():
                return SendTried(action.router)
            case _:
                return None

    def backup(self) -> "Host":
        """It is BACKUP at once, with checks that have no result yet."""
        return self.at(0.0, LINK, Started())

    def run(self, until: float) -> "Host":
        """Time passes, a tenth of a second at a time; checks say once a second what they said."""
        for tenth in range(round(self.clock.now * 10) + 1, round(until * 10) + 1):
            now = self.clock.now = tenth / 10
            for check in self.params.checks if tenth % 10 == 0 else ():
                if (known := self.health.snapshot()[self.params.checks.index(check)]).up is not None:
                    self.result(now, check.name, ok=known.up, detail=known.detail)
            self.at(now)
        return self

    def result(self, now: float, check: str, *, ok: bool, detail: str, times: int = 1) -> "Host":
        """A check has so many results like this."""
        self.clock.now = now
        outcome = Outcome.PASS if ok else Outcome.FAIL
        for _ in range(times):
            reports = self.health.step([CheckReported(check, CheckResult(outcome, detail))], now)
            told = [each for each in reports if isinstance(each, CheckVerdict | ChecksFresh)]
            self.at(now, *told)
        return self

    def up(self, now: float = 0.5) -> "Host":
        """All checks pass."""
        for check in self.params.checks:
            self.result(now, check.name, ok=True, detail="200 in 1 ms" if check.kind == "http" else "answers")
        return self

    def hears(self, now: float, priority: int, interval_cs: int = 100, version: int = V3) -> "Host":
        """An advert of 10.77.0.12 comes."""
        said = Advert(51, priority, interval_cs, (VIP.ip,), version)
        payload = encode(said, PEER, GROUP_V4, pseudo_header=True)
        return self.at(now, PacketReceived("eth0", PEER, GROUP_V4, 255, payload))

    def knows(self, told: NodeTold, url: str = "http://10.77.0.12:9650") -> "Host":
        """Another host has told its status a second ago."""
        now = self.clock.now
        self.status_store.show_nodes((NodeRecord(url, 0.0).answered(told, now - 1.1, now - 1.0),))
        return self

    def view(self, now: float) -> View:
        """Return what the observer shows, after everything was told as messages."""
        self.clock.now = now
        shown = self.node.snapshot(now)
        routers, checks = len(shown.routers), len(shown.checks)
        picture = Picture(
            self.status_store, "a", routers, checks, ObserverFacts(7, _OWN, 0), self.health.snapshot
        )
        for index, each in enumerate(shown.routers):
            message = DOWN.decode(DOWN.encode(RouterShown(index, each)))
            assert isinstance(message, RouterShown)
            picture.take(message)
        for index, check in enumerate(shown.checks):
            told = DOWN.decode(DOWN.encode(CheckShown(index, check)))
            assert isinstance(told, CheckShown)
            picture.take(told)
        picture.pulse(Pulse(now, 0.0, stopping=shown.stopping, process=PROCESS))
        params = self.node.params
        self.status_store.rules = Rulebook(
            tuple(map(rules_of, params.routers)), params.checks, params.sync_groups
        )
        view = self.status_store.view()
        assert view is not None
        return view
