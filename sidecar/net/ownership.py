"""How we recognise our own addresses in the kernel, so that we never touch another's."""

import os
from typing import Final

PROTO: Final = 0x56
"""IFA_PROTO of our addresses (kernel 5.18 and later); `ip address` shows `proto 0x56`."""

PERMANENT: Final = 0x80
"""IFA_F_PERMANENT: no lease. Ours always have one."""


def kernel_marks() -> bool:
    """Whether this kernel keeps IFA_PROTO."""
    major, minor = os.uname().release.split(".")[:2]
    return (int(major), int("".join(c for c in minor if c.isdigit()))) >= (5, 18)


def is_ours(proto: int | None, flags: int, *, marks: bool) -> bool:
    """Whether an address that equals one of our VIPs was added by a sidecar.

    On a kernel without IFA_PROTO the lease is the mark: nobody else gives one to such an address.
    """
    return proto == PROTO if marks else not flags & PERMANENT
