"""How the run of a program ended, in words for people: bounded and printable."""

import signal
from typing import Final

from sidecar.programs.supervised_program import Ended

_SHOWN: Final = 200


def how_it_ended(run: Ended) -> str:
    """Return how a program ended that was run, with the last line that it printed unless all is well."""
    if run.status is None:
        return "the program could not be watched: its watcher was killed"
    if run.status == 0:
        return "exit status 0"
    what = f"exit status {run.status}" if run.status > 0 else f"killed by {_signal_name(-run.status)}"
    line = _last_line(run.output)
    return f"{what}: {line}" if line else what


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(output: bytes) -> str:
    """The last line with something in it."""
    lines = output.decode("utf-8", "replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return "".join(c if c.isprintable() else "?" for c in last)[:_SHOWN]
