"""Hosts that disagree."""

from dataclasses import replace
from ipaddress import ip_interface
from typing import Any

import pytest

from sidecar.core.params import HmacParams, Unicast
from sidecar.core.wire.hmac_key import HmacKey
from sidecar.doctor.evidence import Kernel
from sidecar.doctor.mistakes.disagreement import judge
from sidecar.doctor.problem import Severity
from tests.unit.doctor.handmade import ETH0, OTHER_MAC, evidence, heard, problems, router, running, told

SIGNED = HmacParams((HmacKey(1, b"secret of sixteen bytes"),))


@pytest.mark.parametrize(
    ("said", "ours", "what", "refused"),
    [
        ({"version": 2}, {}, "it speaks VRRP version 2, we version 3", True),
        ({"version": 2, "interval_cs": 200}, {"version": 2}, "it advertises every 2 s, we every 1 s", True),
        ({"vrid": 52}, {}, "it claims 192.0.2.100 with VRID 52, we with VRID 51", True),
        ({"to": "192.0.2.12"}, {}, "it sends by unicast to 192.0.2.12, we listen to multicast", True),
        ({}, {"unicast": Unicast(None, ())}, "it sends by multicast, we listen to unicast", True),
        ({"version": 2, "password": b"x"}, {"version": 2}, "it sends a password, we have none", True),
        ({}, {"hmac": SIGNED}, "it does not sign, and the mode here is enforce", True),
        ({"addresses": ["192.0.2.100", "192.0.2.9"]}, {}, "it advertises 192.0.2.100, 192.0.2.9, we", False),
    ],
)
def test_before_the_first_start_what_is_heard_is_judged(
    said: dict[str, Any], ours: dict[str, Any], what: str, *, refused: bool
) -> None:
    (found,) = problems(judge(evidence(heard(**said), router=router(**ours))))
    assert found.what.startswith(f"192.0.2.11 differs: {what}")
    assert found.evidence == f"adverts of 192.0.2.11 ({OTHER_MAC})"
    assert found.severity is (Severity.FAULT if refused else Severity.WARNING)


@pytest.mark.parametrize(
    "said",
    [{}, {"interval_cs": 200}, {"addresses": ["192.0.2.200"]}, {"vrid": 52, "addresses": ["192.0.2.200"]}],
    ids=["equal", "an interval that is learnt", "another service", "another VRID"],
)
def test_what_is_no_disagreement(said: dict[str, Any]) -> None:
    assert problems(judge(evidence(heard(**said)))) == []


@pytest.mark.parametrize(("number", "told"), [(9, False), (10, False), (8, True)])
def test_a_list_that_was_cut_to_the_mtu_is_no_disagreement(number: int, *, told: bool) -> None:
    names = [f"192.0.2.{last}" for last in range(100, 110)]
    ours = router(addresses=tuple(map(ip_interface, names)))
    eth0 = replace(ETH0, mtu=20 + 8 + 9 * 4)
    found = evidence(heard(addresses=names[:number]), router=ours, kernel=Kernel({"eth0": eth0}))
    assert bool(problems(judge(found))) is told


def test_a_difference_is_told_once_however_often_it_is_heard() -> None:
    two = heard(version=2), heard(version=2, priority=249)
    assert len(problems(judge(evidence(*two)))) == 1


def test_the_running_sidecar_is_asked() -> None:
    mismatch = {
        "source": "192.0.2.11",
        "mac": OTHER_MAC,
        "reason": "auth_key",
        "refused": True,
        "detail": "it signs with key 2, and ours are 1",
        "remedy": "compare keys and mode of both hosts",
    }
    other = mismatch | {"reason": "addresses"}
    followed = other | {"refused": False, "detail": "it advertises one more", "remedy": "write the same"}
    both = told(mismatches=[mismatch, other, followed])
    (found, overlaps) = problems(judge(evidence(running=running(both))))
    assert found.what == "192.0.2.11 differs: it signs with key 2, and ours are 1"
    assert (overlaps.what, overlaps.mend) == ("192.0.2.11 differs: it advertises one more", "write the same")
    assert overlaps.severity is Severity.WARNING
    assert found.mend == "compare keys and mode of both hosts"


def test_drift_between_hosts_and_a_file_that_is_not_applied() -> None:
    drift = {
        "kind": "drift",
        "url": "http://192.0.2.11:9650",
        "fault": False,
        "sentence": "it differs: compare",
    }
    silent = drift | {"kind": "silent"}
    shown = told() | {"node_findings": [drift, silent], "config_hash": "other"}
    (differs, unapplied) = problems(judge(evidence(running=running(shown))))  # type: ignore[arg-type]
    assert (differs.what, differs.mend) == ("it differs", "compare")
    assert unapplied.mend == "vip-sidecar reload"
