"""How checks of one plan are counted in another one."""

from dataclasses import replace

from sidecar.channel.down import PlanPiece
from sidecar.channel.reload import LARGEST_EXCHANGE
from sidecar.core.health.observer_events import ChecksFresh
from sidecar.core.health.params import CheckParams
from sidecar.router.handed import Handed
from sidecar.router.icmp_sockets import IcmpSockets

ONE, TWO, THREE = (CheckParams(name, "http") for name in ("one", "two", "three"))


def handed(*checks: CheckParams, plan: bytes = b"plan") -> Handed:
    return Handed(plan, checks, IcmpSockets())


def test_results_are_of_the_same_checks_wherever_those_stand() -> None:
    old, new = handed(ONE, TWO, THREE), handed(THREE, ONE)
    event = ChecksFresh(((0, 1.0), (1, 2.0), (2, 3.0)))
    assert new.translated(event, old) == ChecksFresh(((1, 1.0), (0, 3.0)))
    assert new.translated(event, new) is event


def test_a_check_of_another_kind_is_another_check() -> None:
    old, new = handed(ONE, TWO), handed(replace(ONE, kind="tcp"), replace(TWO, rise=9))
    assert old.in_common(new) == ["two"]
    assert new.translated(ChecksFresh(((0, 1.0), (1, 2.0))), old) == ChecksFresh(((1, 2.0),))


def test_an_observer_at_work_gets_no_plan_beyond_all_measure() -> None:
    assert handed(plan=bytes(LARGEST_EXCHANGE)).fits
    assert not handed(plan=bytes(LARGEST_EXCHANGE + 1)).fits


def test_the_pieces_are_the_plan() -> None:
    plan = bytes(range(256)) * 300
    pieces = [piece for piece in handed(plan=plan).pieces if isinstance(piece, PlanPiece)]
    assert b"".join(piece.data for piece in pieces) == plan
    assert [piece.last for piece in pieces] == [False, False, True]
    assert handed(plan=b"").pieces == [PlanPiece(b"", last=True)]
