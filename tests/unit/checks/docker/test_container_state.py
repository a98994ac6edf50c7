"""Parsing of an engine's replies: anything may be in them, and deaths have an order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.checks.docker.container_event import EVENTS, parse_event
from sidecar.checks.docker.container_state import (
    ContainerState,
    Died,
    Health,
    parse_inspect,
    precedes,
    verdict,
)
from sidecar.core.health.result import Outcome
from tests.unit.checks.engine import ID

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["container", *EVENTS]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Type", "Action", "Actor", "Attributes", "name", "ID", "State", "Health", "Status", "Pid"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(_JSON, st.text(max_size=40))
def test_no_reply_of_an_engine_raises(reply: object, started: str) -> None:
    event = parse_event(reply)
    assert event is None or event.action in EVENTS
    state = parse_inspect(reply)
    assert verdict(state).outcome in (Outcome.PASS, Outcome.FAIL)
    odd = ContainerState(ID, "", True, False, 0, started, Health(), 0, False)
    assert precedes(Died(ID, 5, ""), odd) in (True, False)


@pytest.mark.parametrize(
    ("at", "started", "earlier"),
    [
        (1_767_225_600_499_999_999, "2026-01-01T00:00:00.5Z", True),
        (1_767_225_600_500_000_000, "2026-01-01T00:00:00.5Z", False),
        (1_767_225_600_000_000_001, "2026-01-01T00:00:00.000000002Z", True),
        (0, "2026-01-01T00:00:00.5Z", False),
        (5, "nonsense", False),
    ],
)
def test_deaths_are_ordered_to_the_nanosecond(at: int, started: str, earlier: bool) -> None:
    state = ContainerState(ID, "", True, False, 0, started, Health(), 0, False)
    assert precedes(Died(ID, at, ""), state) is earlier
