"""Every decoder of the channel, and what must hold for any bytes: a value with one encoding, or Malformed.

The first byte of an input chooses the decoder.
"""

from collections.abc import Iterator
from typing import Any, Final

from sidecar.channel.codec import Codec
from sidecar.channel.malformed import Malformed
from sidecar.channel.parameters import NODE_PARAMS
from sidecar.core.params import CheckParams, NodeParams
from tests.fuzz.packets import ROUTERS

DECODERS: Final[tuple[tuple[Codec[Any], tuple[Any, ...]], ...]] = (
    (
        NODE_PARAMS,
        (
            NodeParams("a", ROUTERS[:1], (CheckParams("http", "http", max_age=3.5),), (("web",),)),
            NodeParams("b", ROUTERS),
        ),
    ),
)
"""Each with values that the search begins with."""


def check(data: bytes) -> None:
    """Decode it, and encode what came out."""
    if not data:
        return
    codec = DECODERS[data[0] % len(DECODERS)][0]
    try:
        value = codec.decode(data[1:])
    except Malformed:
        return
    assert codec.encode(value) == data[1:]


def seeds() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every seed."""
    for number, (codec, values) in enumerate(DECODERS):
        for which, value in enumerate(values):
            yield f"{number}-{which}", bytes((number,)) + codec.encode(value)
