"""A router with `refuse_answered` is told of an unknown machine until it has served, and nobody else is."""

from dataclasses import replace

from sidecar.core.events import VipAnswered
from sidecar.core.params import RouterParams
from sidecar.core.snapshot import RouterSnapshot
from sidecar.core.wire.captured import Frame
from sidecar.net.capture.captures import Heard
from sidecar.router.answered_vips import MOST, SILENCE, AnsweredVips
from tests.unit.telemetry.lan.overheard import (
    OTHER,
    OWN,
    THIRD,
    THIRD_MAC,
    VIP,
    backup,
    claim,
    master,
    vrrp,
)

REFUSING = RouterParams("web", "eth0", 51, 250, (VIP,), refuse_answered=True)


class Stage:
    """A router that refuses, from second 0 on."""

    def __init__(self, params: RouterParams = REFUSING) -> None:
        self.params = params
        self.told: list[VipAnswered] = []
        self.answered = AnsweredVips(self.told.append)
        self.look(0.0)

    def hear(self, now: float, *frames: Frame, interface: str = "eth0") -> None:
        self.answered.note(Heard(interface, OWN, frames), now)

    def look(self, now: float, router: RouterSnapshot | None = None) -> list[str]:
        """Return what was told since the last look."""
        self.answered.look((self.params,), (router or backup(),), now)
        whys = [each.why for each in self.told]
        self.told.clear()
        return whys


def test_an_unknown_machine_is_told_once_and_when_it_has_gone() -> None:
    stage = Stage()
    stage.hear(0.5, claim(THIRD))
    assert stage.look(1.5) == []
    (why,) = stage.look(2.0)
    assert why.startswith(
        f"another machine answers for 10.77.0.100: {THIRD_MAC} on eth0, which was not heard"
    )
    assert stage.look(2.5) == []
    assert stage.look(0.5 + SILENCE) == []
    assert stage.look(1.0 + SILENCE) == [""]


def test_a_host_that_advertises_is_known_even_if_it_answered_first() -> None:
    stage = Stage()
    stage.hear(0.5, claim(OTHER))
    stage.hear(1.0, vrrp(mac=OTHER))
    assert stage.look(2.0) == []


def test_what_this_host_sends_makes_nobody_known() -> None:
    stage = Stage()
    stage.hear(0.5, vrrp(mac=THIRD, outgoing=True), claim(THIRD))
    assert len(stage.look(2.0)) == 1


def test_own_answers_virtual_ones_and_those_about_others_are_nothing() -> None:
    stage = Stage()
    stage.hear(0.5, claim(OWN), claim(bytes.fromhex("00005e000133")), claim(THIRD, "10.77.0.101"))
    stage.hear(0.5, claim(THIRD), interface="eth1")
    assert stage.look(2.0) == []


def test_a_router_that_has_served_is_told_nothing_any_more() -> None:
    stage = Stage()
    assert stage.answered.curious
    assert stage.look(1.0, master()) == []
    assert not stage.answered.curious
    stage.hear(2.0, claim(THIRD))
    assert stage.look(4.0) == []


def test_a_reload_that_refuses_no_more_ends_it() -> None:
    stage = Stage()
    stage.hear(0.5, claim(THIRD))
    assert len(stage.look(2.0)) == 1
    stage.params = replace(REFUSING, refuse_answered=False)
    assert stage.look(2.5) == [""]
    assert not stage.answered.curious


def test_without_the_key_no_packet_is_looked_at() -> None:
    assert not Stage(replace(REFUSING, refuse_answered=False)).answered.curious


def test_invented_machines_take_bounded_memory() -> None:
    stage = Stage()
    for number in range(4 * MOST):
        mac = (0x020000000000 + number).to_bytes(6, "big")
        stage.hear(1.0, claim(mac), vrrp(mac=mac))
    assert len(stage.answered._claims) == len(stage.answered._hosts) == MOST
