"""The module `inspect` is there without being loaded, and is the real one for whoever uses it."""

import subprocess
import sys
from typing import Final

import pytest

from tests.netns.vrrp_daemon import ROOT

UNUSED: Final = """
import sys
from sidecar import lazy_inspect
lazy_inspect.install()
assert lazy_inspect.waits("inspect")
import inspect as lazy
from dataclasses import dataclass, field, fields, replace

@dataclass(frozen=True, slots=True)
class Base:
    '''One.'''
    a: int

@dataclass(frozen=True, slots=True)
class Derived(Base):
    '''Another.'''
    b: tuple[str, ...] = field(default=())

class Bare:
    pass

assert [each.name for each in fields(replace(Derived(1), b=("x",)))] == ["a", "b"]
assert lazy_inspect.waits("inspect") and "ast" not in sys.modules, "it was loaded"
"""

USED: Final = {
    "an attribute": "assert lazy.signature(lambda x: x).parameters.keys() == {'x'}",
    "a name": "from inspect import isawaitable; assert not isawaitable(1)",
    "annotations": "assert lazy.get_annotations(len) == {}",
    "options": "assert lazy.get_annotations(Base, eval_str=True) == {'a': int}",
    "a dataclass without a docstring": "assert dataclass(type('T', (), {})).__doc__ == 'T()'",
}

REAL: Final = """
import inspect
assert not lazy_inspect.waits("inspect") and inspect.__file__ and inspect is not lazy
for each in (Base, Derived, Bare):
    assert lazy.get_annotations(each) == inspect.get_annotations(each), each
lazy_inspect.install()
assert sys.modules["inspect"] is inspect
"""


@pytest.mark.parametrize("use", [pytest.param(code, id=name) for name, code in USED.items()])
def test_it_is_loaded_when_it_is_used_and_not_before(use: str) -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-B", "-c", UNUSED + use + "\n" + REAL],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
