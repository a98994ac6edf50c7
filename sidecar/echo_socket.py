"""A raw socket for echo requests: it hears the replies alone (RFC 792, RFC 4443 section 4.2)."""

import socket
import struct
from typing import Final

# linux/icmp.h and linux/icmpv6.h: a set bit keeps a type away from the socket.
_SOL_RAW: Final = 255
_ICMP_FILTER: Final = 1
_ICMP6_FILTER: Final = 1
_REPLY_V4: Final = 0
_REPLY_V6: Final = 129


def raw_echo_socket(family: socket.AddressFamily) -> socket.socket:
    """Return one that does not block. Raises OSError, PermissionError without NET_RAW."""
    protocol = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
    opened = socket.socket(family, socket.SOCK_RAW | socket.SOCK_NONBLOCK, protocol)
    if family == socket.AF_INET:
        opened.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("=I", 0xFFFFFFFF ^ (1 << _REPLY_V4)))
        return opened
    words = [0xFFFFFFFF] * 8
    words[_REPLY_V6 // 32] ^= 1 << (_REPLY_V6 % 32)
    opened.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, struct.pack("=8I", *words))
    return opened
