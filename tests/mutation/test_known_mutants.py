"""The mutation tool bites: what must be noticed is, by the tests, the simulation, or the limit of time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutation.mutant import CORE, Mutant, mutants_of
from tests.mutation.run import Bench, bench, run

KNOWN = [
    ("wire/checksum.py", "65535 - folded", "65535 + folded"),
    ("health/check_state.py", "streak >= needed", "streak < needed"),
    ("health/effective_priority.py", "weight += own", "pass"),
    ("health/damping.py", "self.failures += 1", "pass"),
    ("params.py", "self.accept or self.priority == OWNER", "self.accept and self.priority == OWNER"),
    ("router/lease.py", "self._under_way += 1", "pass"),
    ("router/admission.py", "packet.source == own", "packet.source != own"),
    ("router/auth.py", "not is_later(sequence, mark)", "is_later(sequence, mark)"),
    ("router/preemption.py", "advert.priority >= mine", "advert.priority > mine"),
    ("pool/rollout.py", "digest == self._live", "digest != self._live"),
    ("pool/reload_budget.py", "self._level(now) - 1", "self._level(now) + 1"),
]
TESTS = (
    "tests/unit/core/wire",
    "tests/unit/core/health",
    "tests/unit/core/pool",
    *(
        f"tests/unit/core/router/test_{name}.py"
        for name in ("admission", "auth", "election", "lease", "preemption")
    ),
)
"""Those that are near the known ones: the baseline notes each call, which takes a minute for all tests."""
FOR_THE_SIMULATION = ("router/preemption.py", "advert.priority >= mine", "advert.priority < mine")


def the(file: str, before: str, after: str) -> Mutant:
    found = [each for each in mutants_of(CORE / file) if (each.before, each.after) == (before, after)]
    assert found, f"{file} no longer has `{before}` -> `{after}`: choose another that must be noticed"
    return found[0]


@pytest.fixture(scope="module")
def place() -> Iterator[Bench]:
    """A copy that passes without a mutant; few tests and worlds, which are enough for these."""
    with bench(Path.cwd(), TESTS, seeds=2) as found:
        yield found


# Half a minute of two processors, which a busy machine may not give within the usual limit.
@pytest.mark.timeout(900)
def test_what_must_be_noticed_is(place: Bench) -> None:
    results = list(run(place, [the(*each) for each in KNOWN], None, 2))
    assert [str(each.mutant) for each in results if not each.killer.startswith("tests/")] == []
    alone = replace(place, tests=())
    assert alone.test(the(*FOR_THE_SIMULATION)).killer.startswith("simulation: ")
    hasty = replace(place, cpu=1)
    assert hasty.trial(None)["killer"] == "limit: signal 24", "without a mutant a second is not enough"
