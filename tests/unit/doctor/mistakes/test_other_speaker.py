"""Another VRRP program on this host."""

import pytest

from sidecar.doctor.evidence import Running, Speaker
from sidecar.doctor.mistakes.other_speaker import judge
from sidecar.doctor.problem import Severity, Unseen
from tests.unit.doctor.handmade import evidence, heard, problems, running, told, unseen

KEEPALIVED = (Speaker(100, 77, "keepalived"), Speaker(101, 77, "keepalived"))
MASTER = running(told(state="MASTER"))


def test_before_the_first_start_every_advert_of_this_host_is_anothers() -> None:
    (speaks, sockets) = problems(judge(evidence(heard(outgoing=True), speakers=KEEPALIVED)))
    assert speaks.severity is Severity.FAULT
    assert speaks.what == "keepalived (pid 77) on this host advertises web, too"
    assert speaks.mend == sockets.mend == "systemctl disable --now keepalived"
    assert sockets.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("running", "ours"),
    [
        (MASTER, heard(outgoing=True, priority=240)),
        (MASTER, heard(outgoing=True, priority=0)),
        (running(told(), told(state="MASTER", since=1_790_000_005.0)), heard(outgoing=True, priority=1)),
        (running(), heard(outgoing=True, vrid=52, addresses=["192.0.2.200"])),
    ],
    ids=["as master", "resigned", "became master", "another service"],
)
def test_what_the_running_sidecar_sends_is_its_own(running: Running, ours: object) -> None:
    assert problems(judge(evidence(ours, running=running))) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("running", "foreign"),
    [
        (MASTER, heard(outgoing=True, priority=100)),
        (MASTER, heard(outgoing=True, priority=240, version=2)),
        (MASTER, heard(outgoing=True, priority=240, addresses=["192.0.2.100", "192.0.2.101"])),
        (running(), heard(outgoing=True, priority=240)),
        (running(), heard(outgoing=True, priority=240, vrid=52)),
    ],
    ids=["another priority", "another version", "other addresses", "we are BACKUP", "our VIP, another VRID"],
)
def test_what_the_running_sidecar_cannot_have_sent_is_anothers(running: Running, foreign: object) -> None:
    (found,) = problems(judge(evidence(foreign, running=running)))  # type: ignore[arg-type]
    assert found.what == "another program on this host advertises web, too"


def test_a_program_that_is_no_keepalived_is_named() -> None:
    (found,) = problems(judge(evidence(speakers=(Speaker(100, 9, "vrrpd"),))))
    assert found.mend == "stop vrrpd: kill 9, and what starts it"


def test_sockets_that_cannot_be_told_apart_are_not_guessed_at() -> None:
    assert unseen(judge(evidence(speakers=Unseen("process 7 is not seen")))) == ["process 7 is not seen"]
