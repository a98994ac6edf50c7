"""How long ago the kernel has stamped something with its ticks (jiffies), to a hundredth of a second.

The kernel tells the time of the last change of an address in hundredths of a second since its first tick. No
clock that a process can read counts from there. `times(2)` returns the same ticks from another beginning: the
counter starts 300 s before an overflow of 32 bits, at a frequency that the kernel was built with.
"""

import os
import time
from typing import Final

_FREQUENCIES: Final = (250, 1000, 100, 300, 24, 32, 48, 64, 128, 200, 256, 512, 1024, 1200)
_USER: Final = 100
"""Ticks a second of what processes are told (USER_HZ)."""
_NANOSECONDS: Final = 10**9
_BEFORE_OVERFLOW: Final = 300
_APART: Final = 30.0
"""Seconds that ticks and CLOCK_MONOTONIC may be apart; in a time namespace that may be any number."""
_WRAP: Final = 1 << 32
_ROUNDED: Final = 0.02
"""Seconds by which both readings may be rounded down."""


def seconds_since(stamp: int) -> float | None:
    """Return the seconds since a stamp of the kernel, rather too many; None if that cannot be known here."""
    now = _now(int(os.times().elapsed * _USER + 0.5), time.clock_gettime(time.CLOCK_MONOTONIC))
    return None if now is None else age(stamp, now)


def age(stamp: int, now: float) -> float:
    """Return the seconds between a stamp, in hundredths of a second, and `now`, seconds of the same clock."""
    hundredths = (int(now * 100) - stamp) % _WRAP
    return hundredths / 100 + _ROUNDED if hundredths < _WRAP // 2 else 0.0


def _now(ticks: int, monotonic: float) -> float | None:
    """Return seconds since the first tick, given what `times` says and about how long the host has run."""
    close = (
        (abs(seconds - monotonic), seconds) for hz in _FREQUENCIES for seconds in (_since_start(ticks, hz),)
    )
    apart, seconds = min(close)
    return seconds if apart <= _APART else None


def _since_start(ticks: int, hz: int) -> float:
    """Return the seconds since the first tick if there are `hz` of them in a second."""
    nanoseconds = (_NANOSECONDS + hz // 2) // hz
    user = _NANOSECONDS // _USER
    # As the kernel converts: exactly where the lengths of both ticks divide, else by rounded lengths.
    jiffies = ticks * hz / _USER if user % nanoseconds == 0 else ticks * user / nanoseconds
    return (jiffies - (_WRAP - _BEFORE_OVERFLOW * hz)) / hz
