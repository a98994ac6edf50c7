"""Mutants of the core: how many of a sample do the tests and the simulation notice?

    python -m tests.mutation --number 400 --seed 1
    python -m tests.mutation --number 80 --seed 1 --since COMMIT

The second command draws only from lines that are there since that commit.
Results are in build/mutants, in a file for each seed and each state of the core. The same command goes on
where it was ended; `--again` tries the survivors once more, after tests were written.
"""

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.mutation.mutant import Mutant, sample
from tests.mutation.run import Result, bench, read, run, state
from tests.mutation.since import changed_lines

FOLDER = Path("build/mutants")


def _report(results: Iterable[Result], asked: int) -> list[str]:
    known = list(results)
    killed = [result for result in known if result.killed]
    by = Counter(
        "simulation"
        if each.killer.startswith("simulation")
        else "limit"
        if each.killer.startswith("limit")
        else "tests"
        for each in killed
    )
    score = 100 * len(killed) / max(1, len(known))
    survivors = sorted(each.mutant for each in known if not each.killed)
    return [
        *(str(mutant) for mutant in survivors),
        f"{len(known)} of {asked} mutants tried, {len(killed)} killed ({score:.1f} %): "
        + ", ".join(f"{count} by {who}" for who, count in by.most_common()),
    ]


def _try(mutants: Sequence[Mutant], known: dict[str, Result], file: Path, processes: int) -> None:
    with bench(Path.cwd()) as place:
        for number, result in enumerate(run(place, mutants, file, processes), 1):
            known[result.mutant.name] = result
            print(f"{number}/{len(mutants)} {result.killer or 'SURVIVED'}: {result.mutant}", flush=True)


def main() -> int:
    """Try what has no result yet, and print the survivors and the score."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--since", metavar="COMMIT", help="only lines that differ from this commit")
    parser.add_argument("--again", action="store_true", help="try the survivors once more")
    parser.add_argument("--report", action="store_true", help="try nothing")
    asked = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{asked.seed}-{state(Path.cwd())}.jsonl"
    lines = None if asked.since is None else changed_lines(asked.since)
    mutants = sample(asked.number, asked.seed, lines)
    wanted = {mutant.name for mutant in mutants}
    known = {name: result for name, result in read(file).items() if name in wanted}
    left = [m for m in mutants if m.name not in known or (asked.again and not known[m.name].killed)]
    if left and not asked.report:
        _try(left, known, file, asked.processes)
    print("\n".join(_report(known.values(), len(mutants))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
