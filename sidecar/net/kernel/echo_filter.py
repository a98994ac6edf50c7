"""A filter for the notifications of the kernel: the echo of our own renewals is not queued at all.

Netlink tells everybody, also us, of each renewal of each VIP. The kernel puts the port of the socket that
has asked into it (IPv4 alone; of IPv6 the echo arrives, and wakes nobody). A VIP that somebody has removed
is added by a renewal: that one must be heard, and it was created when it was changed.
"""

import socket
from typing import Final

from sidecar import bpf
from sidecar.net.kernel.rtnetlink import ADDRESS, HEADER, NEW_ADDRESS

_KIND_AT: Final = 4
_PORT_AT: Final = 12
_CACHEINFO: Final = 6  # IFA_CACHEINFO: preferred, valid, created, changed; 32 bits each
_CREATED_AT: Final = 4 + 8
_CHANGED_AT: Final = 4 + 12
_CHANGED: Final = 0
"""Memory cell."""


def echo_filter(port: int) -> bytes:
    """Return a program that drops notifications of what the socket of this port has renewed."""
    return bpf.assemble(
        [
            bpf.half(_KIND_AT),
            bpf.unless_equal(socket.htons(NEW_ADDRESS), "hear"),
            bpf.word(_PORT_AT),
            bpf.unless_equal(socket.htonl(port), "hear"),
            bpf.number_to_x(_CACHEINFO),
            bpf.number(HEADER.size + ADDRESS.size),
            bpf.NETLINK_ATTRIBUTE,
            bpf.if_equal(0, "hear"),
            bpf.A_TO_X,
            bpf.word_after_x(_CHANGED_AT),
            bpf.store(_CHANGED),
            bpf.word_after_x(_CREATED_AT),
            bpf.A_TO_X,
            bpf.recall(_CHANGED),
            bpf.if_equals_x("hear"),
            bpf.DROP,
            "hear",
            bpf.ACCEPT,
        ]
    )
