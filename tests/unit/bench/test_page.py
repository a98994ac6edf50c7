"""The page and the README show what was measured, and nothing else."""

from bench.contest.cells import cells, latest
from bench.contest.contenders import KEEPALIVED, PAIR
from bench.contest.page import BEGIN, END, ENOUGH, page, picture, readme
from bench.contest.results import read
from bench.contest.rows import ROWS, SECTIONS
from tests.unit.bench.sample_rows import NOW, OLD, row, runs
from tests.unit.docs.pages import ROOT

README = f"before\n{BEGIN}old\n{END}after\n"
MANY = [0.02] * ENOUGH


def test_the_page_says_with_what_it_was_measured_and_what_is_older() -> None:
    found = cells([*runs(PAIR, [0.01]), *runs(KEEPALIVED, [0.07], about=OLD)], NOW)
    text = page(found, NOW, [row()])
    assert "Commit of the core `abc1234567`; a machine; 2026-11-27;" in text
    assert "Older, core `old` on a machine: `nginx-killed-1s`." in text
    assert "$" not in text


def test_without_a_run_the_page_says_so() -> None:
    assert "Nothing was measured yet." in page({}, NOW)


def test_the_readme_has_the_rows_of_today() -> None:
    found = cells([*runs(PAIR, MANY), *runs(KEEPALIVED, [0.07] * ENOUGH)], NOW)
    text = readme(README, found, NOW, [row()])
    assert "| nginx killed, A = 1 s | 20 ms | 70 ms |\n" in text
    assert text.startswith(f"before\n{BEGIN}| ")
    assert text.endswith(f"|\n{END}after\n")


def test_the_readme_stays_as_it_is_while_figures_are_few_or_old() -> None:
    for theirs in ([], runs(KEEPALIVED, MANY[1:]), runs(KEEPALIVED, MANY, about=OLD)):
        assert readme(README, cells([*runs(PAIR, MANY), *theirs], NOW), NOW, [row()]) == README


def test_the_committed_page_and_picture_are_those_of_the_committed_samples() -> None:
    """`python -m bench.contest --report` writes them anew."""
    kept = read((ROOT / "docs" / "performance.jsonl").read_text(encoding="utf-8"))
    now = latest(kept)
    found = cells(kept, now)
    assert page(found, now) == (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert picture(found) == (ROOT / "docs" / "performance.svg").read_text(encoding="utf-8")


def test_the_readme_has_a_place_for_the_figures() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert text.index(BEGIN) < text.index(END)


def test_every_row_is_on_the_page_once() -> None:
    assert len({each.key for each in ROWS}) == len(ROWS)
    assert {each.section for each in ROWS} == set(SECTIONS)
