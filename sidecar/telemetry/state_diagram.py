"""States of a virtual router as Markdown: `python -m sidecar.telemetry.state_diagram > docs/states.md`."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from sidecar.core.router.transitions import TRANSITIONS
from sidecar.core.state import Reason, State

_HEAD: Final = """\
# States of a virtual router

Made from `sidecar/core/router/transitions.py` by `python -m sidecar.telemetry.state_diagram`; CI compares.
A router that would move in any other way stops instead. RFC 9568 says Initialize, Backup and Active; FAULT is
an addition: this host cannot hold the VIPs.

```mermaid
stateDiagram-v2
    [*] --> INIT
    [*] --> MASTER: adopted
"""
_MIDDLE: Final = """\
    INIT --> [*]
```

The causes are the label `reason` of `vipsidecar_vrrp_transitions_total` and of the log line `transition`.

| cause | transitions | what has happened |
|---|---|---|
"""
MEANINGS: Final = {
    Reason.STARTUP: "leftovers of an earlier process are removed, and the interface is known",
    Reason.MASTER_DOWN: "no advertisement of a master for a master down interval",
    Reason.PRIORITY_ZERO: "the master has resigned",
    Reason.PREEMPT: "a master serves that this router is to replace",
    Reason.OWNER: "priority 255: this host owns the addresses",
    Reason.HIGHER_PRIORITY: "a better master advertises",
    Reason.HEALTH: "a required check has failed",
    Reason.DRAIN: "an operator keeps the VIPs away from this host (`vip-sidecar drain`)",
    Reason.LINK: "the interface is absent, down, or cannot be listened on",
    Reason.ADDRESS: "the interface has no address to send from, or none of the network of a VIP",
    Reason.VIP: "the kernel refuses the VIPs, or somebody else has them on this host",
    Reason.STALL: "this process did not run for so long that another host may serve",
    Reason.SEND: "no other host hears this one, and another one serves",
    Reason.RECOVERED: "the cause of FAULT is seen to be gone",
    Reason.SYNC: "another router of the sync group has left MASTER",
    Reason.SHUTDOWN: "a stop was requested",
}


def lines() -> Iterator[str]:
    """Yield the file, line by line, without newlines."""
    yield from _HEAD.splitlines()
    for (old, new), reasons in TRANSITIONS.items():
        yield f"    {old} --> {new}: {', '.join(reasons)}"
    yield from _MIDDLE.splitlines()
    ways: dict[Reason, list[tuple[State, State]]] = defaultdict(list)
    for way, reasons in TRANSITIONS.items():
        for reason in reasons:
            ways[reason].append(way)
    for reason in Reason:
        moves = ", ".join(f"{old} to {new}" for old, new in ways[reason])
        yield f"| `{reason}` | {moves} | {MEANINGS[reason]} |"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in lines())
