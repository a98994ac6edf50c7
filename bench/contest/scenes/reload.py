"""A reload that adds a VIP: what visitors of the first one notice, and when the second one is there."""

import re
import signal
import time
from pathlib import Path

from bench.contest.contenders import Stage
from bench.contest.row import Result
from bench.contest.scenes.stage import LOOK_ON, gap, seen
from tests.netns.lan import VIP

_MORE = "10.77.0.101"
_WITHIN = 10.0
_LINE = re.compile(rf"^(.*){re.escape(VIP)}(/.*)$", re.MULTILINE)
_ADDED = re.compile(rf"^.*{re.escape(_MORE)}/.*\n", re.MULTILINE)


def with_one_more(text: str) -> str:
    """Return a configuration in which the line of the VIP is there twice, once with another address."""
    return _LINE.sub(rf"\g<0>\n\g<1>{_MORE}\g<2>", text)


def without_it(text: str) -> str:
    """Return the configuration as it was."""
    return _ADDED.sub("", text)


def reloaded(stage: Stage) -> Result:
    """Host a gets one VIP more, and loses it again."""
    daemon = stage.hosts["a"].daemon
    file = _file(daemon.log.parent)
    file.write_text(with_one_more(file.read_text()))
    mark, saw, since = stage.client.mark, stage.witness.mark, time.monotonic()
    daemon.send(signal.SIGHUP)
    added = seen(stage, _WITHIN, saw, "added", "a", address=_MORE)
    stage.watch_for(LOOK_ON)
    longest = gap(stage, mark, since)
    saw = stage.witness.mark
    file.write_text(without_it(file.read_text()))
    daemon.send(signal.SIGHUP)
    if added is None or seen(stage, _WITHIN, saw, "removed", "a", address=_MORE) is None:
        raise TimeoutError(f"the reload was not carried out within {_WITHIN:g} s")
    return {"gap": longest, "there": added.at - since}


def _file(folder: Path) -> Path:
    (found,) = (each for each in (folder / "sidecar.yaml", folder / "keepalived.conf") if each.exists())
    return found
