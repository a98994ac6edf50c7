"""The processes of a sidecar in the shape of /status.json (document.py)."""

from typing import TypedDict


class RouterProcess(TypedDict):
    """The process that may change the network. Sets of capabilities as hexadecimal numbers.

    `lines_lost`: nobody read them in time. `messages_malformed`: of observers. `memory_locked_bytes`: of
    what is mapped, what the kernel may not page out; 0 where no limit allows it.
    """

    pid: int
    uid: int
    capabilities_effective: str
    capabilities_permitted: str
    capabilities_bounding: str
    lines_lost: int
    messages_malformed: int
    memory_locked_bytes: int


class ObserverProcess(TypedDict):
    """The process that checks and shows. `restarts`: observers before it in the life of the router.

    `apart`: it has a user of its own, so that it cannot read files of the router's user, such as keys.
    """

    pid: int
    uid: int
    capabilities_effective: str
    capabilities_permitted: str
    capabilities_bounding: str
    no_new_privileges: bool
    memory_locked_bytes: int
    restarts: int
    apart: bool


class Processes(TypedDict):
    """The two processes of a sidecar. The router is null until it has told of itself."""

    router: RouterProcess | None
    observer: ObserverProcess
