"""`fleet -f FILE`: a verdict for each virtual router of many hosts, once, again and again, or as a page."""

import json
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sidecar.cli import exit_codes
from sidecar.cli.fleet.doubts import AGAIN_AFTER
from sidecar.cli.fleet.poll import Answer, ask_all
from sidecar.cli.fleet.table import document, render
from sidecar.cli.fleet.targets import Target, WrongTargets, read
from sidecar.cli.fleet.verdicts import Judged, code, judge
from sidecar.cli.fleet.watcher import FleetWatcher
from sidecar.cli.streams import has_colors
from sidecar.cli.watch import watch

Ask = Callable[[Iterable[Target]], Mapping[Target, Answer]]
_TIME: Final = "%Y-%m-%d %H:%M:%S UTC"


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
    if arguments.serve is not None:
        return _serve(arguments, targets)
    if arguments.watch is not None:
        return _watch(arguments, targets)
    began = time.monotonic()
    answers, judged = survey(targets, ask_all, time.time, time.sleep)
    if arguments.output == "json":
        sys.stdout.write(json.dumps(document(judged), indent=1) + "\n")
    else:
        sys.stdout.write(render(judged, answers, time.monotonic() - began, colors=has_colors()))
    return code(judged)


def survey(
    targets: tuple[Target, ...], ask: Ask, wall: Callable[[], float], sleep: Callable[[float], None]
) -> tuple[tuple[Answer, ...], tuple[Judged, ...]]:
    """Ask all, and once more the hosts of routers that seem to have two masters or none."""
    told = dict(ask(targets))
    judged = judge(told.values(), wall())
    doubtful = {(each.site, each.cluster) for each in judged if each.doubtful}
    if doubtful:
        sleep(AGAIN_AFTER)
        told |= ask(target for target in targets if (target.site, target.cluster) in doubtful)
        judged = judge(told.values(), wall())
    return tuple(told.values()), judged


def _watch(arguments: Namespace, targets: tuple[Target, ...]) -> int:
    watcher = FleetWatcher(targets)

    def look() -> tuple[int, str]:
        picture = watcher.look()
        if arguments.output == "json":
            return code(picture.judged), json.dumps(document(picture.judged)) + "\n"
        table = render(picture.judged, picture.answers, colors=has_colors())
        return code(picture.judged), f"{time.strftime(_TIME, time.gmtime(picture.at))}\n{table}\n"

    watcher.start()
    try:
        return watch(look, arguments.watch)
    finally:
        watcher.stop()


def _serve(arguments: Namespace, targets: tuple[Target, ...]) -> int:
    # Only this way of the verb needs an HTTP server and templates.
    from sidecar.cli.fleet import serve  # noqa: PLC0415

    serve.block()
    watcher = FleetWatcher(targets)
    watcher.start()
    try:
        return serve.serve(arguments.serve, watcher.look)
    finally:
        watcher.stop()
