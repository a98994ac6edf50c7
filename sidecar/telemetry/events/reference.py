"""The page about events: `python -m sidecar.telemetry.events.reference > docs/events.md`."""

import sys
from collections.abc import Iterator

from sidecar.telemetry.events.kinds import KINDS
from sidecar.telemetry.events.recorder import MOST, MOST_WARNINGS
from sidecar.telemetry.events.segments import SEGMENT

_KIB = 2 * SEGMENT // 1024
_HEAD = f"""\
# Events

`vip-sidecar events` says what has happened on this host, also before the sidecar was started again: changes
of state with their cause and how long the state before had lasted, verdicts on checks and servers, what
others did to VIPs, and what went wrong. `--since 1h` (`30m`, `2d`) shows the last hour, `--follow` what
comes, `-o json` the whole document; with `--follow` it is one event a line. Exit codes: 0, 2 wrong usage,
3 no sidecar answers. `/events.json` answers the same on the control socket and on the status server:
`?since=UNIXTIME`, `?after=ID`. `now` and `moment` in it are this moment by both clocks of the host.

<!-- run by tests/unit/together/cli/test_events.py -->
```console
$ vip-sidecar events --since 10m
2026-11-27 02:13:07.120  http       check_down       after 1d 2h: connection refused  kind=http
2026-11-27 02:13:07.121  web        MASTER -> BACKUP health, after 1d 2h: check http failed
```

## An incident, over all hosts

`events --incident` reads this host and those of `nodes:` (or `--host http://10.77.0.12:9650`, which may be
repeated), puts their events into one order, and tells the last move of VIPs from its cause to how long
visitors waited; `--incident 2` the one before. It is Markdown, to be put into a report; JSON with `-o json`:

<!-- run by tests/netns/test_incident.py -->
```console
$ vip-sidecar events --incident
# web: lb1 to lb2, 2026-11-27 02:13:07 UTC

**Visitors waited 72 ms (70 ms to 74 ms).**

- Cause: on lb1, check nginx failed: pid 33 died
- lb2 took over: 10.77.0.11 resigned (priority 0)
```

Then follow the events of all hosts, and how exact this is:

- **Clocks**: each host is asked five times for its clock, and the quickest answer counts. The bound is half
  of both round trips. For events before the last boot of a host a resignation counts that one host sent and
  the other one heard (20 ms); without one its clock is taken to have been off as it is now.
- **A check failed** with its first result that failed where it was told at once (`process`, `container`,
  `link`, a target that cut a connection); else between that and the last result that passed.
- **A host left** MASTER, lost its link or was drained at the moment of its own event.
- **A host was lost** within 200 ms after its last sign of life, which hosts of `nodes:` give each other
  (`/alive`, a stream, for this alone); else within one interval after the last advertisement that was heard.
- **Served again** means that the kernel of the next host had the VIPs; a host that is unfit serves again when
  its check is up.

All of it is in the bounds beside the figure. Exit codes: 0; 1 another host was not read, and what is known is
told; 2 wrong usage, or there is no such incident; 3 no sidecar answers here. JSON has `router`, `from`, `to`,
`gap_seconds`, `gap_at_least_seconds`, `gap_at_most_seconds`, `left`, `came`, `clocks`, `unread`, `events`;
times are Unix seconds by the clock of the host that was asked.

## Where they are kept

The observer keeps the newest {_KIB} KiB in memory, and in two files, `events` and `events.old`, of the folder
`state: {{dir: ...}}`. Without that key the folder is beside the control socket and has its name: for
`control.sock` it is `control.state`. In a container that lasts as long as its /run; a volume lasts longer:

```yaml
state: {{dir: /var/lib/vip-sidecar}}
```

The folder must belong to the user of the observer (`--observer-user`, [privileges](security.md)), and no two
sidecars can share one. Every record has its length and a checksum, so that a torn file loses one record, and
is written to the disk at once, so that a loss of power loses none that is some milliseconds old.

When the disk is full or read-only or hangs, the sidecar goes on and memory answers: `status` and the log say
why, `vipsidecar_errors_total{{component="events"}}` counts it, and the events are written once there is room.
Reasons: `open`, `write`, `in_use` by another sidecar, `damaged`. The router never waits for any of this.

An event that repeats must not displace the others: {MOST} of a kind are kept in an hour for each check,
server, pool, router and hook, of each warning {MOST_WARNINGS}. Transitions are all kept. The log has all.

## Kinds

All have `event`, `id`, which grows from one to the next, and `at`, Unix time. `moment` is the time since the
host was booted, on which setting the clock has no influence. A field is absent where nothing is known.

| event | fields | happened |
|---|---|---|
"""


def lines() -> Iterator[str]:
    """Yield the page, line by line, without newlines."""
    yield from _HEAD.splitlines()
    for kind in KINDS:
        fields = ", ".join(f"`{field}`" for field in kind.fields)
        yield f"| `{kind.name}` | {fields} | {kind.meaning} |"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
