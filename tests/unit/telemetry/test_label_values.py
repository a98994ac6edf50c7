"""The label values that are known in advance are those that the code can really produce."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sidecar.core.pool.events import ReloadResult
from sidecar.core.pool.upstream import Mode
from sidecar.core.wire.advert import TOLD, Drop
from sidecar.telemetry.label_values import ERRORS
from sidecar.telemetry.lan.finding import LanKind

SOURCES = Path(__file__).parents[3] / "sidecar"

COMPONENTS = {
    "unanswered": "http",
    "EngineError": "docker",
    "_lost": "docker",
    "_alarm": "election",
    "alarm": "election",
    "Unready": "virtual_mac",
    "_change": "virtual_mac",
    "_retry": "observer",
    "_kill": "observer",
    "_complain": "events",
}
"""Names under which a reason alone is told, and the component it then belongs to."""

POOLS = {("pools", str(word)) for word in (*ReloadResult, *Mode)}
"""A pool's results and modes are reasons, the good ones excepted."""

LAN = {("lan", str(kind)) for kind in LanKind}
"""Findings of what is overheard are reasons."""


def _told() -> Iterator[tuple[str, str]]:
    """Yield component and reason of everything that the source warns of in so many words."""
    for source in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            words = [argument.value for argument in node.args[:3] if isinstance(argument, ast.Constant)]
            match name, words:
                case "_warn" | "trouble" | "_trouble" | "Warned" | "error", [str(component), str(reason), *_]:
                    yield component, reason
                case _, [str(reason), *_] if name in COMPONENTS:
                    yield COMPONENTS[name], reason


@cache
def told() -> frozenset[tuple[str, str]]:
    """All of them: the whole source is read once."""
    return frozenset(_told())


def test_every_error_exists_at_zero() -> None:
    assert ("election", "fail_open") in told()
    assert told() <= set(ERRORS)


def test_every_refusal_exists_at_zero_by_whether_it_is_one_of_authentication() -> None:
    listed = {(component, reason) for component, reason in ERRORS if component in ("auth", "refused")}
    possible = {("auth" if drop.startswith("auth_") else "refused", drop.value) for drop in TOLD}
    assert listed == possible
    assert set(Drop) - TOLD == {Drop.FLOOD, Drop.REPEATED}


def test_no_error_is_listed_that_nobody_can_make() -> None:
    # The only reasons that are variables where they are named.
    refused = {(component, reason) for component, reason in ERRORS if component in ("auth", "refused")}
    varying = {
        *refused,
        ("docker", "denied"),
        ("docker", "protocol"),
        ("checks", "certificate"),
        *POOLS,
        *LAN,
    }
    assert set(ERRORS) - varying <= told()
