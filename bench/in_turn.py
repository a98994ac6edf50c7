"""Two hosts whose nginx dies in turn: what hold-downs cost, `python -m bench.in_turn` (as root).

The same deaths, one every 1 to 3 s and never both at once, meet a pair with `damping: false`, one with the
default damping. With `--hosts 2` both pairs know that they are two.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tests.netns.in_turn import deaths, serve

_PAIRS: Mapping[str, Mapping[str, Any]] = {"`damping: false`": {"damping": False}, "default": {}}


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table of what each pair served."""
    parser = argparse.ArgumentParser(prog="python -m bench.in_turn", description="Measure failures in turn.")
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--interval", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hosts", type=int, choices=[2])
    chosen = parser.parse_args(argv)
    plan = deaths(chosen.seconds, chosen.seed)
    sys.stdout.write("| pair | requests answered | moves of the VIP | deaths |\n|---|--:|--:|--:|\n")
    more = {"hosts": chosen.hosts} if chosen.hosts else {}
    for name, router in _PAIRS.items():
        seen = serve({**router, **more}, plan, chosen.seconds, chosen.interval)
        sys.stdout.write(f"| {name} | {seen.answered:.2f} % | {len(seen.moves)} | {len(plan)} |\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
