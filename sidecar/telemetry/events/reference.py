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
`?since=UNIXTIME`, `?after=ID`.

```
$ vip-sidecar events --since 10m
2026-11-27 02:13:07.120  http       check_down       after 1d 2h: connection refused  kind=http
2026-11-27 02:13:07.121  web        MASTER -> BACKUP health, after 1d 2h: check http failed
```

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
server, pool and router, of each warning {MOST_WARNINGS}. Transitions are all kept. The log has everything.

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
