"""What the router passes on is shown, logged once when it is found, and once when it is over."""

from dataclasses import dataclass, field
from math import inf
from pathlib import Path

import pytest

from sidecar.channel.down import Noted, Overheard, RouterShown
from sidecar.clock import clock
from sidecar.core.actions import Transition
from sidecar.core.snapshot import Snapshot
from sidecar.core.state import Reason, State
from sidecar.core.wire.captured import Frame
from sidecar.observer.lan_watch import LanWatch
from sidecar.telemetry.lan.findings import GRACE
from sidecar.telemetry.lan.picture import LATE
from sidecar.telemetry.node_record import NodeRecord
from sidecar.telemetry.status import obstacles, remarks, render
from sidecar.telemetry.status_store import StatusStore
from sidecar.telemetry.verdict import judge
from tests.unit.telemetry.handmade import Lines
from tests.unit.telemetry.lan.overheard import (
    OTHER_MAC,
    OWN,
    THIRD,
    THIRD_MAC,
    A,
    backup,
    claim,
    master,
    probe,
    vrrp,
)
from tests.unit.telemetry.node_documents import told


@dataclass
class Stage:
    """One observer's watch, over packets that were heard in the last minute."""

    folder: Path
    at: float = field(default_factory=lambda: clock() - 60.0)
    troubles: list[tuple[str, str, str]] = field(default_factory=list)
    lines: Lines = field(default_factory=Lines)
    asked: int = 0

    def __post_init__(self) -> None:
        self.store = StatusStore(lambda: self.at, wall=lambda: self.at)
        self.watch = LanWatch(
            self.store,
            lambda *trouble: self.troubles.append(trouble),
            self.lines.log,
            self.ask,
            self.folder,
            lambda: self.at,
        )
        self.router = master(since=self.at)

    def hear(self, seconds: int, *frames: Frame) -> None:
        for _ in range(seconds):
            self.at += 1.0
            self.watch.take(Overheard(self.at, "eth0", OWN, frames))
        self.look()

    def ask(self) -> None:
        self.asked += 1

    def look(self) -> None:
        """Look, and again if the router was asked: it answers with a picture of `router`."""
        asked = self.asked
        self._show()
        self.watch.look()
        if self.asked > asked:
            self.at += 0.1
            self._show()
            self.watch.look()

    def _show(self) -> None:
        self.store.publish(Snapshot("a", self.at, (self.router,), (), stopping=False))
        self.store.beat(self.at)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.watch.take(RouterShown(0, made.router))
    return made


def test_two_holders_are_shown_and_logged_once_and_their_end_too(stage: Stage) -> None:
    stage.hear(5, vrrp())
    stage.hear(5, vrrp())
    view = stage.store.view()
    assert view is not None
    document = render(view)
    (shown,) = document["lan_findings"]
    assert (shown["kind"], shown["router"], shown["fault"]) == ("two_holders", "web", True)
    assert (shown["source"], shown["mac"]) == ("10.77.0.12", OTHER_MAC)
    verdict = judge(document)
    assert (verdict.code, verdict.reasons[0]) == (2, f"web: {shown['sentence']}")
    assert f"web: {shown['sentence']}" in remarks(view)
    assert obstacles(view, 0.0, alive=True) == []
    assert [trouble[:2] for trouble in stage.troubles] == [("lan", "two_holders")]
    stage.hear(10)
    after = stage.store.view()
    assert after is not None
    assert render(after)["lan_findings"] == []
    (line,) = stage.lines.seen
    assert (line["event"], line["kind"], line["detail"]) == ("lan_settled", "two_holders", shown["sentence"])


def test_a_stuck_loop_is_the_only_news_of_a_router_that_may_have_moved(stage: Stage) -> None:
    stage.hear(5, vrrp())
    stage.at += 1.5
    view = stage.store.view()
    assert view is not None
    assert view.lan_findings == ()
    assert len(stage.troubles) == 1


def test_a_silent_master_is_told_of_after_a_takeover(stage: Stage) -> None:
    stage.router = backup(since=stage.at)
    stage.watch.take(RouterShown(0, stage.router))
    stage.hear(5, vrrp())
    stage.at += 4
    moved = Transition("web", State.BACKUP, State.MASTER, Reason.MASTER_DOWN, "silence")
    stage.watch.take(Noted(stage.at, moved))
    stage.router = master(since=stage.at)
    stage.watch.take(RouterShown(0, stage.router))
    stage.at += GRACE + LATE + 0.001  # the sum is rounded as the uptime of the machine has it
    stage.look()
    ((component, kind, detail),) = stage.troubles
    assert (component, kind) == ("lan", "silent_master")
    assert f"nothing heard of 10.77.0.12 ({OTHER_MAC}) since " in detail
    view = stage.store.view()
    assert view is not None
    assert judge(render(view)).code == 1


def test_addresses_of_this_host_are_read_and_those_of_vrrp_are_none(tmp_path: Path) -> None:
    for name, mac in (("eth1", THIRD_MAC), ("vip0", "00:00:5e:00:01:33")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "address").write_text(f"{mac}\n")
    stage = Stage(tmp_path)
    stage.watch.take(RouterShown(0, stage.router))
    stage.hear(10, claim(THIRD), claim(bytes.fromhex("00005e000133")))
    assert [trouble[1] for trouble in stage.troubles] == ["vip_answered"]
    assert "00:00:5e:00:01:33" in stage.troubles[0][2]


def test_a_router_that_a_reload_removed_is_forgotten(stage: Stage) -> None:
    stage.hear(5, vrrp())
    stage.watch.exchange(())
    stage.at += 10
    stage.hear(5, vrrp())
    assert len(stage.troubles) == 1
    assert stage.lines.seen[0]["event"] == "lan_settled"


def test_nothing_is_reported_that_a_newer_picture_of_the_router_does_not_bear_out(stage: Stage) -> None:
    """Its priority has changed, and nobody has looked since: its own adverts are not those of the picture."""
    stage.hear(5, vrrp(A, OWN, 230, outgoing=True))
    assert stage.troubles[0][1] == "other_speaker"
    stage.hear(10)
    stage.troubles.clear()
    for _ in range(5):
        stage.at += 1.0
        stage.watch.take(Overheard(stage.at, "eth0", OWN, (vrrp(A, OWN, 230, outgoing=True),)))
    stage.store.publish(Snapshot("a", stage.at, (stage.router,), (), stopping=False))
    stage.store.beat(stage.at)
    stage.watch.look()
    assert stage.troubles == []
    stage.router = master(since=stage.router.since, effective_priority=230)
    stage.watch.take(RouterShown(0, stage.router))
    stage.look()
    assert stage.troubles == []


def test_what_was_heard_before_a_change_is_no_finding_in_the_first_picture_after_it(stage: Stage) -> None:
    stage.hear(5, vrrp(A, OWN, 250, outgoing=True))
    stage.router = master(since=stage.router.since, effective_priority=230)
    stage.watch.take(RouterShown(0, stage.router))
    stage.store.publish(Snapshot("a", stage.at, (stage.router,), (), stopping=False))
    stage.store.beat(stage.at)
    view = stage.store.view()
    assert view is not None
    assert view.lan_findings == ()


def test_what_is_overheard_of_a_host_of_nodes_is_a_sign_of_life_and_each_tells_its_own_mac(
    tmp_path: Path,
) -> None:
    stage = Stage(tmp_path)
    other = told(router={"mac": OTHER_MAC})
    stage.store.show_nodes(
        (NodeRecord("http://10.77.0.12:9650", stage.at).answered(other, stage.at, stage.at),)
    )
    stage.look()
    assert dict(stage.store.lan.alive) == {OTHER_MAC: -inf}
    stage.hear(1, probe())
    assert dict(stage.store.lan.alive) == {OTHER_MAC: stage.at}
    view = stage.store.view()
    assert view is not None
    assert render(view)["virtual_routers"][0]["mac"] == OWN.hex(":")
