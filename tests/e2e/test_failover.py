"""Each failure is done for real to host a of the compose lab; the client's longest gap is the judge."""

import time

import pytest

from tests.e2e.compose_lab import VIP, ComposeLab
from tests.e2e.faults import (
    Fault,
    cut_off,
    delete_vip,
    nginx_hung,
    nginx_killed,
    sidecar_killed,
    sidecar_stopped,
    sidecar_terminated,
)
from tests.netns.bounds import BUSY, EXIT, KERNEL, LAN, LATE, READD, lease, master_down
from tests.netns.sightings import overlap

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

INTERVAL = 1.0
CRASH = master_down(240, INTERVAL) + LATE + LAN + BUSY
BOTH = KERNEL + LATE + LAN
"""The most that two hosts may hold the VIP together. Seconds."""


@pytest.mark.timing
@pytest.mark.parametrize(
    ("fault", "bound"),
    [
        (nginx_killed, 0.15 + BUSY),
        (nginx_hung, 0.8 + BUSY),
        (sidecar_terminated, 0.12 + BUSY),
        (sidecar_killed, CRASH),
        (sidecar_stopped, CRASH),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_other_host_takes_over_in_time_and_gives_back(
    lab: ComposeLab, fault: Fault, bound: float
) -> None:
    mark, since = lab.client.mark, time.monotonic()
    with fault(lab):
        gap = lab.gap_until("b", 10, mark, since)
        healed_mark = lab.client.mark
        healed = time.monotonic()
    assert gap <= bound + lab.late(since)
    assert lab.gap_until("a", 30, healed_mark, healed) <= BUSY + lab.late(healed)
    lab.settle()
    assert overlap(lab.holds(), since, time.monotonic()) <= 2 * (BOTH + lab.late(since))


@pytest.mark.timing
def test_a_host_that_is_cut_off_is_replaced_and_gives_way_when_it_returns(lab: ComposeLab) -> None:
    """A partition has two holders by design; after it there is one."""
    mark, since = lab.client.mark, time.monotonic()
    with cut_off(lab):
        assert lab.gap_until("b", 10, mark, since) <= CRASH + lab.late(since)
        mark, since = lab.client.mark, time.monotonic()
    assert lab.gap_until("a", 30, mark, since) <= BUSY + lab.late(since)
    lab.settle()
    alone = time.monotonic()
    time.sleep(0.1)
    assert overlap(lab.holds(), alone, time.monotonic()) == 0


@pytest.mark.timing
@pytest.mark.parametrize("fault", [sidecar_killed, sidecar_stopped], ids=lambda fault: fault.__name__)
def test_the_kernel_removes_the_vip_of_a_silent_sidecar(lab: ComposeLab, fault: Fault) -> None:
    mark = lab.witness.mark
    with fault(lab):
        since = (
            time.monotonic()
        )  # the last advert was sent before this, and how long the command took is not ours
        removed = lab.witness.wait(
            lambda event: event.is_("removed", "a", address=VIP), 10, mark, "the VIP leaving a"
        )
        assert removed.at - since <= lease(INTERVAL) + KERNEL + LATE + BUSY + lab.late(since)


def test_a_stopped_sidecar_leaves_at_once_and_without_error(lab: ComposeLab) -> None:
    began, since = time.monotonic(), time.time()
    with sidecar_terminated(lab):
        # By the engine's clock: the command that asks it takes a time of its own.
        took = lab.done("die", since)["sidecar-a"] - lab.done("kill", since)["sidecar-a"]
        assert took <= EXIT + BUSY + lab.late(began)
        state = lab.compose("ps", "--all", "--format", "{{.ExitCode}}", "sidecar-a").stdout.strip()
        assert state == "0"


def test_a_vip_deleted_by_hand_comes_back_in_place(lab: ComposeLab) -> None:
    mark, since = lab.witness.mark, time.monotonic()
    client = lab.client.mark
    delete_vip(lab)
    removed = lab.witness.wait(lambda event: event.is_("removed", "a", address=VIP), 5, mark, "the deletion")
    added = lab.witness.wait(
        lambda event: event.is_("added", "a", address=VIP) and event.at >= removed.at,
        5,
        mark,
        "the VIP again",
    )
    assert added.at - removed.at <= READD + BUSY + lab.late(since)
    lab.await_server("a", 5)
    assert "b" not in {answer.who for answer in lab.client.since(client)}
