"""Each peer, version, family and mode, each role: host a crashes, returns, stops, starts."""

import time

import pytest
from _pytest.mark.structures import ParameterSet

from tests.interop import promise
from tests.interop.matrix import BACKUP, FRR, MATRIX, PREFERRED, ROLES, Case
from tests.interop.pair import Pair
from tests.interop.table import Row
from tests.interop.testimony import examine
from tests.netns.bounds import WAKES
from tests.sample import sample

pytestmark = pytest.mark.interop


def _row(case: Case, role: str) -> ParameterSet:
    """A row of the table. A returning FRR makes its macvlan step by step, on a busy machine too late."""
    slow = case.peer == FRR and role == BACKUP
    return pytest.param(case, role, id=f"{case}-{role}", marks=[pytest.mark.timing] if slow else [])


@pytest.mark.parametrize(
    ("case", "role"),
    [
        # Each case once; two by two, because multicast and unicast take turns, in either role.
        *(
            row
            for n, case in enumerate(MATRIX)
            for row in sample([_row(case, role) for role in ROLES], 2, (n + n // 2) % 2)
        )
    ],
)
def test_a_mixed_pair_always_has_one_master_within_the_bounds(
    case: Case, role: str, rows: dict[tuple[str, str], Row]
) -> None:
    row = rows[str(case), role] = Row(case, role)
    ours = role == PREFERRED
    # The peer returns when the sidecar is the backup.
    back = promise.preemption(0.0 if ours else case.silence)
    limits = {
        "crash": promise.crash(case.interval, ours=ours),
        "return": back,
        "stop": promise.stop(case.interval, ours=ours),
        "start": back,
    }
    with Pair(case, role) as pair:
        pair.start()
        events = {
            "crash": pair.crash,
            "return": pair.come_back,
            "stop": pair.stop,
            "start": pair.start_again,
        }
        for name, event in events.items():
            since = time.monotonic()
            outcome = row.outcomes[name] = event()
            limit = limits[name].later(WAKES * pair.late(since))
            if not outcome.within(limit):
                row.faults.append(f"{name}: {outcome} is beyond {limit}")
        if case.family == 6:
            pair.probe("a")
        row.faults += examine(pair)
        assert not row.faults
