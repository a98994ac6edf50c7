"""How many addresses an advertisement has room for: by RFC 9568 it is one packet."""

from typing import Final

from sidecar.core.wire.advert import HEADER

_LEAST: Final = {4: 576, 6: 1280}
"""Bytes of a packet that every link has room for, or every host takes (RFC 791, RFC 8200 section 5)."""
_SIZES: Final = {4: (20, 4), 6: (40, 16)}
"""Bytes of the IP header and of an address."""


def may_be_cut(number: int, family: int) -> bool:
    """Whether a list of so many addresses may be all that an MTU has room for, and not all that is served.

    keepalived and the like leave out of their adverts, without a word, what does not fit.
    """
    header, size = _SIZES[family]
    return header + HEADER + (number + 1) * size > _LEAST[family]
