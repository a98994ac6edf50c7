"""Situations of a pair: how each comes about, and the verdict that `status` must give on each host then.

A play is a generator that makes one situation after the other in a lab, and yields its name as soon as it is
there. Another situation is a line of SITUATIONS, and a `yield` in a play.
"""

import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sidecar.telemetry.verdict import judge
from tests.netns.bounds import QUICK
from tests.netns.lab import Host, Lab, wait_until
from tests.netns.lan import VIP, Lan, address
from tests.netns.lan_plays import await_two, cuts, foreign_vip, other_program, third_machine
from tests.netns.mismatches import OTHER, command, held_by, with_keys
from tests.netns.nodes import READ, states, url, with_nodes
from tests.netns.overheard import assert_named_in_time
from tests.netns.vrrp_daemon import NGINX_CHECKS, ROOT, Daemon, Setup, sidecar

WORDS: Final = {0: "ok", 1: "degraded", 2: "FAULT", 3: "no answer"}
_CLOCK: Final = re.compile(r"(?<![\w:])\d\d:\d\d:\d\d(\.\d+)?( UTC)?(?![\w:])")  # and no MAC address
_SPAN: Final = re.compile(r"\b\d+(\.\d+)? ?(ms|s|m|h)\b")
_PID: Final = re.compile(r"\bpid \d+")
_HASH: Final = re.compile(r"\b[0-9a-f]{12}\b")
_WAITS: Final = "10s"
"""`preempt_delay` of the ordinary day: long enough to be asked about."""


@dataclass(frozen=True, slots=True)
class Said:
    """The exit code of `status`, and words of its first sentence; `more` of them are further on in it."""

    code: int
    words: str
    more: str = ""


def said(host: Host) -> Said:
    """What `status` says on a host now, without what is another number each time."""
    folder = host.daemon.log.parent
    asked = f"{sys.executable} -m sidecar status -o json --socket {folder / 'control.sock'}"
    line = f"{asked} 2>&1; code=$?; echo; echo $code"
    *lines, code = host.namespace.run("env", f"PYTHONPATH={ROOT}", "sh", "-c", line).splitlines()
    text = "\n".join(lines)
    if not text.startswith("{"):
        return Said(int(code), _plain(text.splitlines()[0] if text else ""))
    status = json.loads(text)
    verdict = judge(status)
    assert verdict.code == int(code)
    return Said(int(code), _plain(verdict.reasons[0] if verdict.reasons else _well(status)))


def _well(status: Mapping[str, Any]) -> str:
    drain = "drained; " if status["drain"] is not None else ""
    return drain + "; ".join(
        f"{each['state']}, {each['next']['sentence']}" for each in status["virtual_routers"]
    )


def _plain(sentence: str) -> str:
    shortened = sentence
    for pattern, by in ((_CLOCK, "HH:MM:SS"), (_SPAN, "N s"), (_PID, "pid N"), (_HASH, "N")):
        shortened = pattern.sub(by, shortened)
    return re.sub(r"/\S+/control\.sock", "/run/vip-sidecar/control.sock", shortened)


def ordinary_day(lab: Lab) -> Iterator[str]:
    """What happens to a pair that is well configured."""
    a, b = lab.hosts["a"], lab.hosts["b"]
    lab.start()
    wait_until(lambda: states(a) == {url("b"): "BACKUP"}, READ, "a reads b")
    yield "healthy"
    a.nginx.kill()
    lab.await_sole("b")
    yield "nginx dead on a"
    a.nginx.start()
    yield "nginx of a healed, a waits to preempt"
    lab.await_sole("a", READ)
    yield "a has taken the VIP back"
    assert command(a, "drain")[0] == 0
    lab.await_sole("b")
    yield "a drained"
    assert command(a, "undrain")[0] == 0
    lab.await_sole("a", READ)
    for host in (b, a):
        host.daemon.terminate(5)
        lab.await_sole("a" if host is b else "b", READ)
        host.daemon.start()
        lab.await_listening(host.name)
    lab.await_sole("a", READ)
    yield "after a rolling restart"
    for host in (a, b):
        host.nginx.kill()
    yield "nginx dead on both"


def cold_boot(first: str, second: str, lab: Lab) -> Iterator[str]:
    """One host boots long after the other one."""
    lab.hosts[first].daemon.start()
    lab.await_sole(first, READ)
    yield f"cold boot, {first} alone yet"
    lab.hosts[second].daemon.start()
    lab.await_listening(second)
    lab.await_sole("a", READ)
    yield f"cold boot, {first} first"


def differ(name: str, lab: Lab) -> Iterator[str]:
    """Both are started, and something in their files is not the same."""
    for host in lab.hosts.values():
        host.daemon.start()
    for each in "ab":
        lab.await_listening(each)
    if name in SPLITS:
        await_two(lab)
    yield name


def other_pair(lab: Lab) -> Iterator[str]:
    """Two hosts of another service have the same VRID."""
    for host in lab.hosts.values():
        host.daemon.start()
    wait_until(lambda: held_by(lab, OTHER[4]) == ["c"], READ, "c holds the other VIP")
    lab.await_sole("a", READ)
    yield "another pair on our VRID"


def frozen(lab: Lab) -> Iterator[str]:
    """A host stands still, as a virtual machine that is paused; then its router alone."""
    a = lab.hosts["a"]
    lab.start()
    wait_until(lambda: states(lab.hosts["b"]) == {url("a"): "MASTER"}, READ, "b reads a")
    a.daemon.hang()
    lab.await_sole("b", READ)
    yield "a frozen"
    a.daemon.resume()
    lab.await_sole("a", READ)
    os.kill(a.daemon.pid, signal.SIGSTOP)
    lab.await_sole("b", READ)
    yield "router of a frozen"
    a.daemon.resume()


Play = Callable[[Lab], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Stage:
    """A lab and what is played in it. `short`: a part of every run. `rogue`: a third machine is there."""

    name: str
    play: Play
    setup: Setup
    daemons: Mapping[str, Daemon]
    short: bool = False
    rogue: bool = False


def _pair(**router: Any) -> dict[str, Daemon]:
    return dict.fromkeys("ab", with_nodes("a", "b", **router))


_BARE: Final = Setup(interval=QUICK, checks={})
_SERVICE: Final = with_keys(addresses=[f"{OTHER[4]}/32"])
STAGES: Final = (
    Stage(
        "an ordinary day", ordinary_day, Setup(interval=QUICK, checks=NGINX_CHECKS),
        _pair(preempt_delay=_WAITS), short=True,
    ),
    Stage("a boots first", partial(cold_boot, "a", "b"), _BARE, _pair()),
    Stage("b boots first", partial(cold_boot, "b", "a"), _BARE, _pair()),
    Stage(
        "VRIDs differ", partial(differ, "VRIDs differ by mistake"), _BARE,
        {"a": with_nodes("a", "b"), "b": with_nodes("a", "b", vrid=52)},
    ),
    Stage(
        "versions differ", partial(differ, "versions differ by mistake"), Setup(interval=1.0, checks={}),
        {"a": with_nodes("a", "b"), "b": with_nodes("a", "b", version=2)},
    ),
    Stage(
        "intervals differ", partial(differ, "intervals differ by mistake"), _BARE,
        {"a": with_nodes("a", "b"), "b": with_nodes("a", "b", advert_interval="400ms")},
    ),
    Stage("another pair", other_pair, _BARE, {"a": sidecar, "b": sidecar, "c": _SERVICE, "d": _SERVICE}),
    Stage("cuts", cuts, _BARE, _pair()),
    Stage("third machine", third_machine, _BARE, _pair(), rogue=True),
    Stage("other program", other_program, _BARE, _pair()),
    Stage("foreign VIP", foreign_vip, _BARE, _pair()),
    Stage("frozen", frozen, _BARE, _pair()),
)  # fmt: skip


def _who(name: str) -> str:
    return f"two hosts: this one and {address(name)} ({Lan.mac(name)})"


def _split(on_a: str, on_b: str | None = None) -> tuple[Said, Said]:
    """Each names the other one, and says this of it."""
    return Said(2, _who("b"), on_a), Said(2, _who("a"), on_a if on_b is None else on_b)


_FAILED: Final = "check nginx is down (and 1 more): "
_NOT_HEARD: Final = "it does not hear this host"
_A_IS_SILENT: Final = Said(1, f"nothing heard of {address('a')} ({Lan.mac('a')}) since", "took over web")
_ANSWERS: Final = "which answers for it although none of its adverts comes to eth0"
SITUATIONS: Final[Mapping[str, tuple[Said, Said]]] = {
    "healthy": (Said(0, "MASTER"), Said(0, "BACKUP")),
    "nginx dead on a": (Said(1, f"contends at priority 1, not 250: {_FAILED}"), Said(0, "MASTER")),
    "nginx of a healed, a waits to preempt": (Said(0, "BACKUP"), Said(0, "MASTER")),
    "a has taken the VIP back": (Said(0, "MASTER"), Said(0, "BACKUP")),
    "a drained": (Said(0, "drained; BACKUP"), Said(0, "MASTER")),
    "after a rolling restart": (Said(0, "MASTER"), Said(0, "BACKUP")),
    "nginx dead on both": (
        Said(1, f"contends at priority 1, not 250: {_FAILED}"),
        Said(1, "serves although this host is unfit", f"(fail open): {_FAILED}"),
    ),
    "cold boot, a alone yet": (Said(0, "MASTER"), Said(3, "no sidecar answers")),
    "cold boot, a first": (Said(0, "MASTER"), Said(0, "BACKUP")),
    "cold boot, b alone yet": (Said(3, "no sidecar answers"), Said(0, "MASTER")),
    "cold boot, b first": (Said(0, "MASTER"), Said(0, "BACKUP")),
    "VRIDs differ by mistake": _split("with VRID 52, we with VRID 51", "with VRID 51, we with VRID 52"),
    "versions differ by mistake": _split(
        "it speaks VRRP version 2, we version 3", "it speaks VRRP version 3, we version 2"
    ),
    "intervals differ by mistake": (Said(1, "differs from this one"), Said(1, "differs from this one")),
    "another pair on our VRID": (Said(1, "advertises"), Said(1, "advertises")),
    "the packet filter of a drops adverts of b": (Said(0, "MASTER"), Said(0, "BACKUP")),
    "the packet filter of b drops adverts of a": _split(_NOT_HEARD, "do not pass the packet filter"),
    "the switch drops adverts of a": _split(_NOT_HEARD, _ANSWERS),
    "the switch drops adverts of both": _split(_ANSWERS),
    "a and b hear nothing at all of each other": (
        Said(1, f"b ({url('b')}) has not told its status", f"nothing heard of it ({Lan.mac('b')}) since"),
        _A_IS_SILENT,
    ),
    "a third machine answers for the VIP": (
        Said(2, f"another machine answers for {VIP}: {Lan.mac('rogue')}"),
        Said(2, f"another machine answers for {VIP}: {Lan.mac('rogue')}"),
    ),
    "keepalived beside the sidecar on a": (
        Said(2, "another program on this host advertises web"),
        Said(1, f"{address('a')} ({Lan.mac('a')}) advertises web twice"),
    ),
    "a has the VIP from its network configuration": (
        Said(2, "was added by somebody else"),
        Said(2, f"another machine answers for {VIP}: {Lan.mac('a')}"),
    ),
    "a frozen": (Said(3, "timed out: its observer stands still"), _A_IS_SILENT),
    "router of a frozen": (Said(2, "the protocol loop last ran"), _A_IS_SILENT),
}
"""For each situation the verdict on host a, which is preferred, and on host b."""

SPLITS: Final = frozenset(name for name, (on_a, _) in SITUATIONS.items() if on_a.words == _who("b"))
"""Two hosts have the VIP, and something of each arrives at the other one."""


def matches(found: Said, expected: Said) -> bool:
    """Whether a host says what it must say."""
    return found.code == expected.code and expected.words in found.words and expected.more in found.words


def settled(lab: Lab, name: str) -> tuple[Said, Said]:
    """Wait until both hosts say what they must say, and return it. In a split they have NAMED seconds."""
    begun, expected = time.monotonic(), SITUATIONS[name]
    found: list[Said] = []

    def there() -> bool:
        found[:] = [said(lab.hosts[host]) for host in "ab"]
        return all(map(matches, found, expected))

    try:
        wait_until(there, READ / 6, f"{name}: {expected}")
    except TimeoutError as error:
        error.add_note(f"the hosts said: {found}")
        raise
    if name in SPLITS:
        assert_named_in_time(lab, begun)
    return found[0], found[1]
