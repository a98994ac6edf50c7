"""The two processes of a sidecar, as the status shows them."""

from dataclasses import dataclass

from sidecar.privileges import Privileges


@dataclass(frozen=True, slots=True)
class RouterFacts:
    """The process that may change the network. Capabilities as bits.

    `lost`: lines that no observer read in time. `malformed`: messages of observers that made no sense.
    `locked`: bytes of its memory that the kernel may not page out.
    """

    pid: int
    uid: int
    effective: int
    permitted: int
    bounding: int
    lost: int
    malformed: int
    locked: int = 0


@dataclass(frozen=True, slots=True)
class ObserverFacts:
    """The process that shows this. `restarts`: observers that the router had before it.

    `locked`: bytes of its memory that the kernel may not page out.
    """

    pid: int
    privileges: Privileges
    restarts: int
    locked: int = 0


@dataclass(frozen=True, slots=True)
class Processes:
    """Both. The router's facts are None until it has told them."""

    observer: ObserverFacts
    router: RouterFacts | None = None
