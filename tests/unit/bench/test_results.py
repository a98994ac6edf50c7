"""The file of the benchmark's runs: what is kept, what is missing, what a torn file loses."""

import math
from pathlib import Path

from bench.contest.results import About, Results, Run, read

HERE = About("abc1234567", "a machine")


def run(number: int, about: About = HERE, error: str = "", row: str = "stop") -> Run:
    values = {} if error else {"gap": 0.07}
    return Run(row, "pair", number, about, f"2026-11-27T13:{number:02}:00Z", 1.5, values, error)


def test_a_run_is_read_as_it_was_written_infinity_too(tmp_path: Path) -> None:
    kept = Run("killed", "keepalived", 3, HERE, "2026-11-27T13:00:00Z", 0.5, {"left": math.inf, "gap": 1.5})
    results = Results(tmp_path / "folder" / "results.jsonl")
    results.add(kept)
    assert Results(tmp_path / "folder" / "results.jsonl").runs == [kept]


def test_an_interrupted_measurement_goes_on_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    first = Results(file)
    for number in (0, 1, 3):
        first.add(run(number))
    assert Results(file).missing("stop", "pair", 6, HERE) == [2, 4, 5]
    assert Results(file).missing("stop", "keepalived", 2, HERE) == [0, 1]


def test_another_core_or_another_machine_begins_anew(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.jsonl")
    results.add(run(0))
    assert results.missing("stop", "pair", 1, About("def", HERE.machine)) == [0]
    assert results.missing("stop", "pair", 1, About(HERE.core, "another")) == [0]
    assert results.missing("stop", "pair", 1, HERE) == []


def test_a_line_that_was_cut_short_costs_that_run_alone(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    file.write_text(run(0).line() + "\n" + run(1).line()[:40])
    results = Results(file)
    results.add(run(2))
    assert [each.number for each in Results(file).runs] == [0, 2]


def test_lines_of_anything_else_are_no_runs() -> None:
    assert read("[]\n7\n{}\nnull\n" + run(0).line()) == [run(0)]


def test_a_failure_counts_as_made_and_two_in_a_row_end_it(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.jsonl")
    results.add(run(0, error="TimeoutError: no"))
    assert results.missing("stop", "pair", 4, HERE) == [1, 2, 3]
    results.add(run(1, error="TimeoutError: no"))
    assert results.missing("stop", "pair", 4, HERE) == []


def test_failures_that_are_forgotten_are_made_again_and_the_later_run_counts(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    results = Results(file)
    results.add(run(0, error="TimeoutError: no"))
    results.forget_failures()
    assert results.missing("stop", "pair", 1, HERE) == [0]
    results.add(run(0))
    assert Results(file).of("stop", "pair", HERE) == [run(0)]
