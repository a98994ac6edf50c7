"""The transcripts bite: each planted bug makes at least one of them fail."""

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from inspect import signature
from itertools import product
from types import ModuleType
from typing import Any

import pytest

from tests.unit.together.core.mutants import MUTANTS
from tests.unit.together.core.mutants_checks import MUTANTS_OF_CHECKS
from tests.unit.together.core.mutants_exchange import MUTANTS_OF_AN_EXCHANGE

PLANTED = (*MUTANTS, *MUTANTS_OF_CHECKS, *MUTANTS_OF_AN_EXCHANGE)
PARAM = type(pytest.param())
TRANSCRIPTS = tuple(
    import_module(f"tests.{name}")
    for name in (
        "rfc.test_s6_4_2_backup",
        "rfc.test_s6_4_3_active",
        "unit.core.health.test_check_state",
        "unit.core.health.test_drain",
        "unit.core.health.test_effective_priority",
        "unit.core.health.test_health",
        "unit.core.health.test_verdicts",
        "unit.core.test_node",
        "unit.core.test_node_exchange",
        "unit.core.router.test_kernel_replies",
        "unit.core.router.test_election_ties",
        "unit.core.router.test_send_health",
        "unit.core.router.test_election",
        "unit.core.router.test_fault_conditions",
        "unit.core.router.test_sync_group",
        "unit.core.router.test_mismatches",
        "unit.core.router.test_lease",
        "unit.core.router.test_down_timer",
        "unit.core.router.test_announce",
        "unit.core.router.test_preemption",
        "unit.core.router.test_admission",
        "unit.core.router.test_peers",
        "unit.core.router.test_address_conflict",
        "unit.core.router.test_election_vips",
        "unit.core.router.test_election_stop",
        "unit.core.router.test_election_stall",
        # Their floods, long lives and many packets cost most: last.
        "unit.core.router.test_auth_sequence",
        "unit.core.health.test_damping",
        "unit.core.router.test_auth_rollout",
        "unit.core.router.test_resignation",
        "unit.core.router.test_auth",
    )
)


def calls(test: Callable[..., object]) -> Iterator[Callable[[], object]]:
    """Every call that pytest would make of a test; none of one that needs a fixture or draws its cases."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    for chosen in product(*(mark.args[1] for mark in marks)):
        arguments: dict[str, Any] = {}
        for mark, value in zip(marks, chosen, strict=True):
            names = mark.args[0].split(",") if isinstance(mark.args[0], str) else mark.args[0]
            several = value.values if isinstance(value, PARAM) else value if len(names) > 1 else (value,)
            arguments |= zip(names, several, strict=True)
        if arguments.keys() == signature(test).parameters.keys() and not hasattr(test, "hypothesis"):
            yield partial(test, **arguments)


def nearest_first(mutate: Callable[[pytest.MonkeyPatch], None]) -> list[ModuleType]:
    """All transcripts, those of what a planted bug changes before the others: most bugs are noticed there."""
    with pytest.MonkeyPatch.context() as patch:
        mutate(patch)
        # A class is in a module, a module is one.
        changed = [getattr(of, "__module__", getattr(of, "__name__", "?")) for of, _, _ in patch._setattr]

    def far(transcript: ModuleType) -> bool:
        about = transcript.__name__.replace("tests.unit", "sidecar").replace("test_", "")
        return not any(about.startswith(name) for name in changed)

    return sorted(TRANSCRIPTS, key=far)


def who_notices(mutate: Callable[[pytest.MonkeyPatch], None]) -> str:
    """Return the first test that fails."""
    for module in nearest_first(mutate):
        for name, test in vars(module).items():
            for call in calls(test) if name.startswith("test_") else ():
                with pytest.MonkeyPatch.context() as patch:
                    mutate(patch)
                    try:
                        call()
                    except Exception:  # noqa: BLE001  # whatever makes a test fail
                        return f"{module.__name__}.{name}"
    return ""


@pytest.mark.parametrize("mutate", PLANTED, ids=lambda mutate: mutate.__name__)
def test_a_transcript_notices(mutate: Callable[[pytest.MonkeyPatch], None]) -> None:
    assert who_notices(mutate), "nobody noticed"


def test_none_of_them_fails_without_a_planted_bug() -> None:
    assert who_notices(lambda _: None) == ""
