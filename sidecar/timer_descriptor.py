"""A timer that is a descriptor (timerfd_create(2)), which Python has from 3.13 on only.

The time-out of a wait (epoll, select) ends on CLOCK_MONOTONIC, which stands still while the host is
suspended, and epoll rounds it to milliseconds. This timer is exact, and is over at once when a
suspended host goes on.
"""

import ctypes
import os
from math import inf
from typing import Final

_CLOCK_BOOTTIME: Final = 7
_ABSOLUTE: Final = 1  # TFD_TIMER_ABSTIME
_NANOSECONDS: Final = 1_000_000_000


class _Specification(ctypes.Structure):
    """The struct itimerspec: an interval, 0 for a timer that ends once, and a time, 0 for none."""

    _fields_ = (
        ("interval_seconds", ctypes.c_long),
        ("interval_nanoseconds", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("nanoseconds", ctypes.c_long),
    )


class TimerDescriptor:
    """Becomes readable at a time of CLOCK_BOOTTIME. Wait for it edge-triggered: it is never read."""

    def __init__(self) -> None:
        """Make it. Raises OSError."""
        self._libc = ctypes.CDLL(None, use_errno=True)
        # TFD_NONBLOCK and TFD_CLOEXEC are these numbers.
        self._descriptor = _checked(self._libc.timerfd_create(_CLOCK_BOOTTIME, os.O_NONBLOCK | os.O_CLOEXEC))
        self._when = inf
        self._specification = _Specification()

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._descriptor

    def set(self, when: float) -> None:
        """Become readable at `when`, seconds since boot; infinity: never. Not before, by no rounding."""
        if when == self._when:
            return
        self._when = when
        nanoseconds = 0 if when == inf else max(1, int(when * _NANOSECONDS) + 1)
        told = self._specification
        told.seconds, told.nanoseconds = divmod(nanoseconds, _NANOSECONDS)
        _checked(self._libc.timerfd_settime(self._descriptor, _ABSOLUTE, ctypes.byref(told), None))

    def expired(self) -> None:
        """Note that it has ended, so that the same time can be set again."""
        self._when = -inf

    def close(self) -> None:
        """Close the descriptor."""
        os.close(self._descriptor)


def _checked(returned: int) -> int:
    if returned < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return returned
