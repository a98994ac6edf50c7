"""The report of a drill for people and for scripts, and its exit code."""

from ipaddress import ip_address
from math import inf

from sidecar.cli.drill.preflight import Obstacle
from sidecar.cli.drill.report import Drill, Move, document, render
from sidecar.doctor.evidence import Visit

VISIT = Visit("http", ip_address("192.0.2.100"), 443, True, True, "200 in 3 ms", False)
AT = 1_790_000_000.0


def drill(*moves: Move, visits: tuple[Visit, ...] = (VISIT,), troubles: tuple[str, ...] = ()) -> Drill:
    return Drill("lb1", AT, (), list(moves), list(visits), list(troubles))


def test_a_pair_that_can_do_it() -> None:
    passed = drill(Move("lb1", "lb2", 0.31, 0.0712, 0.1175), Move("lb2", "lb1", 3.1, 0.004, 0.055))
    assert (passed.result, passed.code) == ("passed", 0)
    assert (
        render(passed)
        == """\
drill on lb1, 2026-09-21 14:13:20 UTC
  lb1 to lb2 in 0.31 s; visitors waited 71 ms at most; promised are 118 ms
  lb2 to lb1 in 3.10 s; visitors waited 4 ms at most; promised are 55 ms
  check http asked at 192.0.2.100 port 443 over the network: 200 in 3 ms
passed: the VIPs went to the other host and came back
"""
    )
    moved = document(passed)["moves"][0]
    assert moved == {
        "from": "lb1", "to": "lb2", "seconds": 0.31, "gap_seconds": 0.0712, "promised_seconds": 0.1175,
        "kept": True,
    }  # fmt: skip


def test_what_needs_somebody_to_look() -> None:
    slow = drill(Move("lb1", "lb2", 0.31, 0.2, 0.1))
    gone = drill(Move("lb1", "lb2", 0.31, inf, 0.1))
    unseen = drill(
        visits=(Visit("http", ip_address("192.0.2.100"), 443, False, False, "connection refused", False),)
    )
    stays = drill(Move("lb1", "lb2", 0.31, None, 0.1), troubles=("the VIPs did not come back within 20 s",))
    for each, line in (
        (slow, "! lb1 to lb2 in 0.31 s; visitors waited 200 ms at most; promised are 100 ms"),
        (gone, "! lb1 to lb2 in 0.31 s; visitors were not served any more; promised are 100 ms"),
        (unseen, "! check http asked at 192.0.2.100 port 443 over the network: connection refused"),
        (stays, "! the VIPs did not come back within 20 s"),
    ):
        assert (each.result, each.code) == ("failed", 1)
        assert line in render(each).splitlines()
        assert document(each)["result"] == "failed"
    assert document(gone)["moves"][0]["gap_seconds"] is None
    assert "was not measured" in render(stays)


def test_a_refusal_says_what_mends_it() -> None:
    refused = Drill("lb1", AT, (Obstacle("this host is drained", "vip-sidecar undrain"),))
    assert (refused.result, refused.code) == ("refused", 2)
    assert render(refused).splitlines() == [
        "refused, nothing was moved:", "! this host is drained", "  vip-sidecar undrain"
    ]  # fmt: skip
    assert document(refused)["obstacles"] == [
        {"sentence": "this host is drained", "mend": "vip-sidecar undrain"}
    ]
