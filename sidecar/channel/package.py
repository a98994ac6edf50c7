"""Output of the configuration child: one part for the router, one for the observer, and wishes for sockets.

The observer's part is bytes for the router, which hands them on and needs not know what is in them.
"""

from dataclasses import dataclass, field
from typing import Annotated, Final

from sidecar.channel import drain
from sidecar.channel.codec import Codec
from sidecar.channel.limits import Most, Range
from sidecar.core.health.drain_events import DrainAsked

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of one part. A file that makes more was not written by a person."""


@dataclass(frozen=True, slots=True)
class Package:
    """`node`: the parameters of the core, with keys. `observer`: its plan, without; and sockets.

    `drain` was under way when the process was started. It is no part of the configuration.
    """

    node: Annotated[bytes, Most(LARGEST)]
    observer: Annotated[bytes, Most(LARGEST)]
    ipv4: Annotated[int, Range(0, 64)] = 0
    ipv6: Annotated[int, Range(0, 64)] = 0
    drain: DrainAsked | None = field(default=None, compare=False)


PACKAGE: Final[Codec[Package]] = Codec(Package, drain.BOUNDS)
