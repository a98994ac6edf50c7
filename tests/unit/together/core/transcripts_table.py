"""The second table of docs/simulation.md: `python -m tests.unit.together.core.transcripts_table` makes it."""

from tests.sim.mutants.table import PAGE
from tests.unit.together.core.test_mutants import PLANTED, who_notices

_HEAD = "| planted bug | first transcript that fails |\n|---|---|\n"


def main() -> None:
    """Try each bug, and write the table."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_HEAD)
    tests = {mutate.__name__.replace("_", " "): who_notices(mutate).rpartition(".")[2] for mutate in PLANTED}
    rows = "".join(f"| {name} | `{test}` |\n" for name, test in tests.items())
    PAGE.write_text(f"{before}{_HEAD}{rows}\n{rest.partition(chr(10) * 2)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
