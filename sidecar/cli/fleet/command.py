"""`fleet -f targets.json`: one verdict for each virtual router of many hosts."""

import json
import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sidecar.cli import exit_codes
from sidecar.cli.fleet.poll import Answer, ask_all
from sidecar.cli.fleet.table import document, render
from sidecar.cli.fleet.targets import Target, WrongTargets, read
from sidecar.cli.fleet.verdicts import Judged, Word, code, judge

AGAIN_AFTER: Final = 1.0
"""Seconds after which hosts are asked again that seemed to have two masters, or none.

Hosts are not asked at the same moment: a VIP that moves in between is seen on both, or on none.
"""

Ask = Callable[[Iterable[Target]], Mapping[Target, Answer]]


def execute(arguments: Namespace) -> int:
    """Run the verb. The exit code is that of the worst verdict, in either format."""
    try:
        targets = read(arguments.targets.read_text(encoding="utf-8"), str(arguments.targets))
    except (WrongTargets, UnicodeDecodeError) as error:
        sys.stderr.write(f"{error}\n")
        return exit_codes.BROKEN
    except OSError as error:
        sys.stderr.write(f"cannot read {arguments.targets}: {error.strerror}\n")
        return exit_codes.BROKEN
    began = time.monotonic()
    answers, judged = survey(targets, ask_all, time.time, time.sleep)
    if arguments.output == "json":
        sys.stdout.write(json.dumps(document(judged), indent=1) + "\n")
    else:
        colors = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        sys.stdout.write(render(judged, answers, time.monotonic() - began, colors=colors))
    return code(judged)


def survey(
    targets: tuple[Target, ...], ask: Ask, wall: Callable[[], float], sleep: Callable[[float], None]
) -> tuple[tuple[Answer, ...], tuple[Judged, ...]]:
    """Ask all, and once more the hosts of routers that seem to have two masters or none."""
    told = dict(ask(targets))
    judged = judge(told.values(), wall())
    doubtful = {(each.site, each.cluster) for each in judged if each.word <= Word.NO_MASTER}
    if doubtful:
        sleep(AGAIN_AFTER)
        told |= ask(target for target in targets if (target.site, target.cluster) in doubtful)
        judged = judge(told.values(), wall())
    return tuple(told.values()), judged
