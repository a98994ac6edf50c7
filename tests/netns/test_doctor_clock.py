"""Clocks of hosts that sign their adverts: one that is off, made for real, and what the kernel says of ours.

Module: doctor.readers.machine.
"""

import ctypes
from pathlib import Path

import pytest

from tests.netns.doctor import examine_all
from tests.netns.lab import Lab, wait_until
from tests.netns.mismatches import GONE, mismatches
from tests.netns.nodes import READ
from tests.netns.signing import set_clock, settle, sidecar_by_own_clock, signed

pytestmark = [pytest.mark.netns, pytest.mark.timeout(400)]

DAY = 86400.0
_NOT_SYNCHRONISED = 5
"""TIME_ERROR of ntp_gettime(3)."""


def synchronised() -> bool:
    """What the C library says of the clock of this machine, which no namespace has for itself."""
    state: int = ctypes.CDLL(None).ntp_gettime(ctypes.create_string_buffer(256))
    return state != _NOT_SYNCHRONISED


def test_a_clock_that_is_off_is_told_by_both_hosts_until_it_is_set(tmp_path: Path) -> None:
    """Whether somebody sets the clock of this machine is its own affair: both answers are right."""
    about_ours = set() if synchronised() else {"surroundings"}
    with Lab(signed(tmp_path), sidecar_by_own_clock) as lab:
        lab.start(["a"])
        set_clock(lab, "b", DAY)
        lab.hosts["b"].daemon.start()
        hosts = list(lab.hosts.values())
        for host in hosts:
            wait_until(lambda: bool(mismatches(host)), READ, f"{host.name} refuses the other one")  # noqa: B023
        for examined in examine_all(lab, hosts):
            assert {"disagreement"} <= set(examined.problems)
            (differs,) = examined.problems["disagreement"]
            assert "compare the clocks of both hosts" in differs["mend"]
            assert set(examined.problems) - {"vrrp-filtered"} == {"disagreement", *about_ours}
        set_clock(lab, "b", 0.0)
        settle(lab)
        for host in hosts:
            wait_until(lambda: not mismatches(host), GONE, f"{host.name} refuses nobody")  # noqa: B023
        for examined in examine_all(lab, hosts):
            assert set(examined.problems) == about_ours
            if about_ours:
                (problem,) = examined.problems["surroundings"]
                assert problem["what"] == "the clock of this host is not synchronised"
