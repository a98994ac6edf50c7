"""The lines of the core that are there since a commit: their mutants show whether tests followed the code."""

import re
import subprocess
from collections.abc import Iterable

from tests.mutation.mutant import CORE

_HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")


def changed_lines(commit: str) -> dict[str, set[int]]:
    """Ask git for the lines of each file that differ from a commit. A file that was only moved has none."""
    argv = ["git", "diff", "--find-renames", "--unified=0", "--no-color", "--no-ext-diff", commit]
    done = subprocess.run([*argv, "--", str(CORE)], capture_output=True, text=True, check=True)
    return lines_of(done.stdout.splitlines())


def lines_of(diff: Iterable[str]) -> dict[str, set[int]]:
    """Read a diff without context: the numbers of the new lines, by the new path."""
    found: dict[str, set[int]] = {}
    file = ""
    for line in diff:
        if line.startswith("+++ "):
            file = line.removeprefix("+++ ").removeprefix("b/")
        elif hunk := _HUNK.match(line):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            found.setdefault(file, set()).update(range(first, first + count))
    return found
