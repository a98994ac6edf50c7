"""All rows of the comparison, those with targets first: an interrupted run has what matters most."""

from collections.abc import Callable
from typing import Final

from bench.contest.contenders import HTTP, KEEPALIVED, NONE, PAIR, PLAIN, PROCESS, Stage, Terms
from bench.contest.row import Measured, Result, Row, Target
from bench.contest.scenes import cost, failover, many, silence, stress
from bench.contest.scenes.reload import reloaded
from bench.contest.scenes.stage import scene

FAILOVER, DAEMON, COST, SCALE = (
    "What visitors notice",
    "The daemon itself fails, or is changed",
    "What it costs",
    "Many routers, many addresses",
)
SECTIONS: Final = (FAILOVER, DAEMON, COST, SCALE)
_TARGETED: Final = 20
_OTHERS: Final = 8
_ALL: Final = (PAIR, PLAIN, KEEPALIVED)
_SLACK: Final = 0.003
"""Seconds that a sidecar may be behind keepalived."""
_SHARES: Final = 1 / 3

_GAP: Final = Measured("gap", "longest gap")
_BOTH: Final = Measured("both", "two hosts have the VIP")
_MASTER: Final = Measured("master", "MASTER", "CPU s/h")
_BACKUP: Final = Measured("backup", "BACKUP", "CPU s/h")


def _label(interval: float) -> str:
    return f"A = {interval:g} s" if interval >= 1 else f"A = {interval * 1000:g} ms"


def _key(name: str, interval: float) -> str:
    return f"{name}-{interval:g}s" if interval >= 1 else f"{name}-{interval * 1000:g}ms"


def _fault(
    name: str,
    title: str,
    interval: float,
    once: Callable[[Stage], Result],
    check: str,
    gap: Measured,
    runs: int,
) -> Row:
    """Return a row of a fault that visitors notice."""
    measures = [gap]
    if name == "nginx-killed":
        targets = {PAIR.key: Target(most=0.003)} if gap.targets else {}
        measures.append(Measured("resigned", "first byte of the resignation", targets=targets))
    terms = Terms(interval, check)
    return Row(
        _key(name, interval),
        FAILOVER,
        f"{title}, {_label(interval)}",
        measures,
        scene(terms, once),
        runs,
        _ALL,
        {} if PLAIN.key in gap.targets else {PLAIN.key: _OTHERS},
    )


def _gap(pair: Target | None = None, plain: Target | None = None) -> Measured:
    targets = {PAIR.key: pair, PLAIN.key: plain}
    return Measured("gap", "longest gap", targets={key: each for key, each in targets.items() if each})


def _killed(interval: float, gap: Measured, runs: int) -> Row:
    return _fault(
        "nginx-killed", "nginx killed (`process` check)", interval, failover.nginx_killed, PROCESS, gap, runs
    )


def _stopped(interval: float, gap: Measured, runs: int) -> Row:
    return _fault("stop", "daemon stopped (SIGTERM)", interval, failover.stopped, NONE, gap, runs)


def _lost(interval: float) -> Row:
    target = Target(beyond=_SLACK)
    announced = Measured(
        "announced", "from the last advert to the first announcement", targets={PAIR.key: target}
    )
    return Row(
        _key("host-lost", interval),
        FAILOVER,
        f"host lost, {_label(interval)}",
        [_GAP, announced],
        scene(Terms(interval), failover.host_lost),
        _TARGETED,
    )


def _processor(interval: float, most: float, seconds: float) -> Row:
    master = Measured("master", "MASTER", "CPU s/h", {PAIR.key: Target(most=most)})
    title = f"processor, no checks, {_label(interval)}"
    measures = [master, _BACKUP]
    return Row(
        _key("processor", interval), COST, title, measures, cost.processor(interval, seconds), _TARGETED
    )


def _routers(number: int, most: float | None = None) -> Row:
    targets = {} if most is None else {PAIR.key: Target(most=most)}
    measures = [
        Measured("master", "MASTER", "CPU s/h", targets),
        _BACKUP,
        Measured("held", f"VIPs held, of {number}", ""),
        Measured("moves", "VIPs that moved", ""),
    ]
    title = f"{number} routers, A = 1 s, at rest"
    return Row(f"routers-{number}", SCALE, title, measures, many.windows(Terms(routers=number), 5.0))


def _vips(number: int, most: float | None = None) -> Row:
    targets = {} if most is None else {PAIR.key: Target(most=most)}
    measures = [
        Measured("master", "MASTER", "CPU s/h", targets),
        _BACKUP,
        Measured("held", f"VIPs held, of {number}", ""),
    ]
    title = f"one router with {number} VIPs, A = 1 s, at rest"
    runs = _TARGETED if targets else _OTHERS
    return Row(f"vips-{number}", SCALE, title, measures, many.windows(Terms(vips=number), 2.0), runs)


def _takeover(key: str, title: str, terms: Terms, runs: int, complete: Measured) -> Row:
    return Row(key, SCALE, f"{title}, A = 1 s, host lost", [complete], many.takeover(terms), runs)


_DOWN: Final = 3 + 16 / 256
"""Seconds after its last advert for which a master of A = 1 s is not given up by a host of priority 240."""
_COMPLETE: Final = Measured("complete", "the other host has all VIPs, from the last advert")
_SOAK: Final = Row(
    "soak-240",
    SCALE,
    "240 routers, A = 1 s, windows of a minute beside `stress-ng --cpu 4`",
    [
        Measured("moves", "VIPs that moved", "", {PAIR.key: Target(most=0, every=True)}),
        Measured("held", "VIPs held, of 240", ""),
        Measured("master", "MASTER", "CPU s/h"),
    ],
    many.windows(Terms(routers=240), 60.0, busy=True),
    runs=10,
    other_runs={KEEPALIVED.key: 1},
    limit=240.0,
)
_RESTARTED: Final = Row(
    "killed-restarted",
    DAEMON,
    "daemon killed (SIGKILL), started again after 0.1 s",
    [
        Measured("failed", "requests that failed", "", {PAIR.key: Target(most=0, every=True)}),
        _GAP,
        Measured("nobody", "nobody has the VIP"),
        _BOTH,
    ],
    # Less than the kernel waits before it repeats a SYN.
    scene(Terms(patience=0.8), silence.restarted),
    runs=50,
    other_runs={KEEPALIVED.key: 10},
)

ROWS: Final = (
    _killed(1.0, _gap(Target(most=0.020, share=_SHARES), Target(beyond=_SLACK)), _TARGETED),
    _stopped(1.0, _gap(Target(most=0.010)), _TARGETED),
    *(_lost(interval) for interval in (1.0, 0.1, 0.01)),
    *(_processor(*of) for of in ((1.0, 4.0, 5.0), (0.1, 15.0, 3.0), (0.01, 100.0, 3.0))),
    Row(
        "start",
        COST,
        "start",
        [
            Measured("listens", "until it listens", targets={PAIR.key: Target(most=0.6)}),
            Measured("advert", "until the first advert, A = 100 ms, alone"),
        ],
        cost.start,
        _TARGETED,
    ),
    _RESTARTED,
    _takeover(
        "takeover-254-vips",
        "one router with 254 VIPs",
        Terms(vips=254),
        _TARGETED,
        Measured(_COMPLETE.key, _COMPLETE.title, targets={PAIR.key: Target(most=_DOWN + 0.15)}),
    ),
    _vips(254, 40.0),
    _SOAK,
    *(_killed(interval, _GAP, _OTHERS) for interval in (0.1, 0.01)),
    *(_stopped(interval, _GAP, _OTHERS) for interval in (0.1, 0.01)),
    *(
        Row(key, FAILOVER, f"{title}, A = 1 s", [_GAP], scene(Terms(1.0, HTTP), once))
        for key, title, once in (
            (
                "nginx-killed-http",
                "nginx killed (`http` every 200 ms; script every 1 s)",
                failover.nginx_killed,
            ),
            ("nginx-hung", "nginx hung (`http` every 200 ms; script every 1 s)", failover.nginx_hung),
        )
    ),
    Row("failback", FAILOVER, "failback, A = 1 s", [_GAP, _BOTH], scene(Terms(), failover.failback)),
    Row(
        "killed",
        DAEMON,
        "daemon killed (SIGKILL), not started again, A = 1 s",
        [_GAP, Measured("left", "until the VIP left that host"), _BOTH],
        scene(Terms(), silence.killed),
    ),
    Row(
        "frozen",
        DAEMON,
        "daemon frozen for 4 s (SIGSTOP), then thawed, A = 1 s",
        [_GAP, Measured("left", "until the VIP left that host"), _BOTH],
        scene(Terms(), silence.frozen),
    ),
    Row(
        "reload",
        DAEMON,
        "reload that adds a VIP (SIGHUP), A = 1 s",
        [_GAP, Measured("there", "until the new VIP is there")],
        scene(Terms(), reloaded),
    ),
    Row(
        "memory",
        COST,
        "memory of all processes, MASTER, no checks, A = 1 s",
        [Measured("pss", "shared parts in proportion (PSS)", "MB"), Measured("rss", "resident (RSS)", "MB")],
        cost.memory,
    ),
    *(
        Row(
            _key("stress", interval),
            COST,
            f"beside `stress-ng --cpu 4`, {_label(interval)}, windows of 6 s",
            [
                Measured("longest", "longest time between two adverts"),
                Measured("takeovers", "false takeovers", ""),
            ],
            stress.adverts(interval, 6.0),
        )
        for interval in (0.1, 0.01)
    ),
    *(_routers(number) for number in (50, 255)),
    _vips(100),
    _takeover("takeover-100-vips", "one router with 100 VIPs", Terms(vips=100), _OTHERS, _COMPLETE),
    *(
        _takeover(
            f"takeover-{number}-routers",
            f"{number} routers",
            Terms(routers=number),
            _OTHERS,
            Measured("complete", "the other host has all VIPs, from the loss"),
        )
        for number in (50, 255)
    ),
)
