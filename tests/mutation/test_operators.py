"""What the mutation tool does to a file, and which mutants it draws."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.mutation.mutant import CORE, mutants_of, mutated, sample
from tests.mutation.since import lines_of


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("f(a < b)", ["pass", "f(a <= b)", "f(a >= b)"]),
        ("f(a is not None)", ["pass", "f(a is None)"]),
        ("f(a and (not b))", ["pass", "f(a or not b)", "f(a)", "f(not b)", "f(a and b)"]),
        ("x = a + 1", ["x = a - 1", "x = a + 2", "x = a + 0"]),
        ("x = -inf", ["x = inf"]),
        ("x = True", ["x = False"]),
        ("x = 0.5", ["x = 1.0", "x = 0.25"]),
        ("x = 0.0", ["x = 1.0"]),
        ("x.y = z", ["pass"]),
        ("x += y", ["x -= y", "pass"]),
        ("x = min(y, z)", ["x = max(y, z)"]),
        ("x = replace(y, a=b, c=d)", ["x = replace(y, c=d)", "x = replace(y, a=b)"]),
        ("x = [y for y in z if y]", ["x = [y for y in z]"]),
        ("x = y if z else w", ["x = y if True else w", "x = y if False else w"]),
        ("while x:\n    break", ["while False:\n    break", "while x:\n    pass"]),
        ("raise x", ["pass"]),
        ('"""A docstring."""', []),
        ("x = None", []),
        ("x: Abc | Bcd = y", []),
        ("X = Abc | Bcd", []),
        ("@f(1)\nclass X:\n    y: int", []),
        ("def f(x: A | B) -> A | None:\n    return x", ["def f(x: A | B) -> A | None:\n    return None"]),
    ],
)
def test_each_change_is_made_alone(tmp_path: Path, text: str, changed: list[str]) -> None:
    file = tmp_path / "module.py"
    file.write_text(text)
    assert [ast.unparse(mutated(mutant)) for mutant in mutants_of(file)] == changed


def test_a_sample_is_the_same_each_time_and_has_mutants_of_each_file() -> None:
    drawn = sample(400, 1)
    assert drawn == sample(400, 1) != sample(400, 2)
    assert max(Counter(drawn).values()) == 1
    assert {mutant.file for mutant in drawn} == {str(file) for file in CORE.rglob("*.py") if mutants_of(file)}


def test_only_mutants_of_some_lines_are_drawn_when_they_are_named() -> None:
    file = str(CORE / "wire" / "checksum.py")
    everywhere = [each for each in mutants_of(Path(file)) if each.line]
    line = everywhere[0].line
    assert set(sample(400, 1, {file: {line}})) == {each for each in everywhere if each.line == line}
    assert sample(400, 1, {}) == []


def test_the_lines_of_a_diff_are_those_of_its_new_side() -> None:
    diff = """\
diff --git a/sidecar/core/old.py b/sidecar/core/new.py
--- a/sidecar/core/old.py
+++ b/sidecar/core/new.py
@@ -3 +3 @@ class Old:
-old
+new
@@ -9,2 +9,0 @@
-gone
-gone
@@ -20,0 +19,3 @@
+one
+two
+three
"""
    assert lines_of(diff.splitlines()) == {"sidecar/core/new.py": {3, 19, 20, 21}}
