"""Tests lie where the code lies, each module with logic has one, and no file is too long."""

from pathlib import Path

import pytest

from tests.unit.suite.layout import APART, Tree

TREE = Tree(Path(__file__).parents[3])
MOST_LINES = 300


def test_a_unit_test_mirrors_a_module() -> None:
    if astray := TREE.astray():
        pytest.fail(
            f"Named after no module: {', '.join(astray)}. Tests of sidecar/x/y.py are tests/unit/x/test_y.py "
            "or test_y_ASPECT.py; tests of several modules at once are in tests/unit/together/x/.",
            pytrace=False,
        )


def test_each_module_with_logic_has_a_test() -> None:
    if untested := TREE.untested():
        pytest.fail(
            f"Functions and no test: {', '.join(untested)}. Write tests/unit/x/test_y.py for sidecar/x/y.py. "
            "If a test elsewhere runs it, name it in its docstring: `Modules: net.bpf, net.raw_ip.`",
            pytrace=False,
        )


def test_each_module_that_a_test_names_exists() -> None:
    for test, pattern in TREE.named():
        assert TREE.matching(pattern), f"{test}.py names {pattern}, and there is no such module"


def test_no_file_is_longer_than_300_lines() -> None:
    if too_long := TREE.too_long(MOST_LINES):
        pytest.fail(f"Split by concept: {', '.join(too_long)}; {MOST_LINES} at most.", pytrace=False)


def test_folders_that_mirror_nothing_are_there() -> None:
    assert all((TREE.root / "tests" / "unit" / folder).is_dir() for folder in APART)


# ---- the rules themselves, on trees that break them


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """`whole` has a part, `other` and `whole` share one, `words` is data."""
    for name, text in {
        "sidecar/a/whole.py": "from sidecar.a.part import f\nfrom sidecar.a.shared import g\ndef w(): f(g)\n",
        "sidecar/a/part.py": "def f(): pass\n",
        "sidecar/a/other.py": "from sidecar.a import shared\n\nasync def o(): shared.g()\n",
        "sidecar/a/shared.py": "class C:\n    def g(self): pass\n",
        "sidecar/a/words.py": "class W:\n    x = 1\n",
        "sidecar/net/bpf.py": "def b(): pass\n",
        "tests/unit/a/test_whole_quickly.py": "",
        "tests/kernel/test_bpf.py": "",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Tree(tmp_path)


def test_a_part_is_tested_with_its_whole_and_what_is_shared_is_not(tree: Tree) -> None:
    assert tree.untested() == ["sidecar/a/other", "sidecar/a/shared"]


def test_a_module_is_tested_where_it_is_named(tree: Tree) -> None:
    test = tree.root / "tests" / "unit" / "together" / "a" / "test_all.py"
    test.parent.mkdir(parents=True)
    test.write_text('"""All of them.\n\nModules: a.other,\na.shared.\n"""\n')
    assert tree.untested() == []
    assert tree.astray() == []
    test.write_text('"""All of them.\n\nModules: a.*, b.gone.\n"""\n')
    assert [pattern for _, pattern in Tree(tree.root).named()] == ["sidecar/a/*", "sidecar/b/gone"]
    assert Tree(tree.root).matching("sidecar/b/gone") == set()


def test_a_test_after_no_module_is_astray(tree: Tree) -> None:
    (tree.root / "tests" / "unit" / "a" / "test_quickly.py").write_text("")
    (tree.root / "tests" / "unit" / "test_whole.py").write_text("")
    assert tree.astray() == ["tests/unit/a/test_quickly", "tests/unit/test_whole"]


def test_a_long_file_is_told_with_its_length(tree: Tree) -> None:
    (tree.root / "sidecar" / "long.py").write_text("x = 1\n" * 301)
    (tree.root / "tests" / "sim").mkdir()
    (tree.root / "tests" / "sim" / "long.py").write_text("x = 1\n" * 302)
    assert tree.too_long(300) == ["sidecar/long.py has 301 lines", "tests/sim/long.py has 302 lines"]
