"""Every transition that there is, and none that there is not."""

from itertools import product

import pytest

from sidecar.core.node import Node
from sidecar.core.router.transitions import TRANSITIONS, IllegalTransitionError, check
from sidecar.core.state import Reason, State
from tests.unit.core.stage import backup, master, state


@pytest.mark.parametrize(("old", "new"), list(product(State, State)))
def test_only_what_the_table_names_is_legal(old: State, new: State) -> None:
    for reason in Reason:
        if reason in TRANSITIONS.get((old, new), ()):
            check(old, new, reason)
        else:
            with pytest.raises(IllegalTransitionError, match=f"from {old} to {new} for {reason}"):
                check(old, new, reason)


def test_no_state_is_entered_from_itself_and_every_cause_belongs_to_a_transition() -> None:
    assert all(old is not new for old, new in TRANSITIONS)
    assert {reason for reasons in TRANSITIONS.values() for reason in reasons} == set(Reason)


@pytest.mark.parametrize(
    ("node", "reason"),
    [(backup(), Reason.HEALTH), (master(), Reason.RECOVERED)],
    ids=["a backup that yields", "a master that recovers"],
)
def test_a_router_that_would_move_where_it_cannot_stays(node: Node, reason: Reason) -> None:
    before = state(node)
    with pytest.raises(IllegalTransitionError):
        node._elections["web"]._machine._enter(State.BACKUP, reason, "planted", 20.0)
    assert state(node) is before
