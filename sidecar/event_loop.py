"""The event loop of the router: descriptors, timers and calls from threads, served by one thread.

Made by hand and not asyncio: this one has no tasks and no second turn between a packet and its reader, its
times are exact and of the clock that a suspended host does not stop, and it costs 5 MB less. Callbacks
must not block. An exception of a callback leaves `turn`: an error that nobody expects ends the router. The
loop can be turned on after it, without the descriptor or the timer that has raised.
"""

import os
import select
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from math import inf
from threading import Lock, get_ident
from typing import Final

from sidecar.clock import clock
from sidecar.timer_descriptor import TimerDescriptor

READABLE: Final = select.EPOLLIN
WRITABLE: Final = select.EPOLLOUT
_EDGE: Final = select.EPOLLIN | select.EPOLLET
_MOST: Final = 1024
"""Descriptors served in one go. More are served in the next turn, which comes at once."""

Callback = Callable[[], None]


class Timer:
    """A call at a time, until it is cancelled."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callback | None) -> None:
        self.callback = callback

    def cancel(self) -> None:
        """Call nothing. May be called again, or when it is over."""
        self.callback = None


class EventLoop:
    """Everything is for the thread that turns it, except where it says so. Times are seconds since boot."""

    def __init__(self) -> None:
        """Open its descriptors. Raises OSError."""
        self.clock = clock
        self._epoll = select.epoll()
        self._timer = TimerDescriptor()
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        for descriptor in (self._timer.fileno(), self._bell):
            # Edge-triggered: each new time and each ring wakes once, and nothing has to be read.
            self._epoll.register(descriptor, _EDGE)
        self._callbacks: dict[int, Callback] = {self._timer.fileno(): self._timer.expired}
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = count()
        self._calls: deque[Callback] = deque()
        self._unhurried: deque[Callback] = deque()
        self._lock = Lock()
        self._turning = 0
        """The thread of the last turn."""
        self._closed = False

    # ---- what to serve

    def watch(self, descriptor: int, ready: Callback, events: int = READABLE) -> None:
        """Call `ready` in each turn in which the descriptor is ready, instead of what was called before."""
        if descriptor in self._callbacks:
            self._epoll.modify(descriptor, events)
        else:
            self._epoll.register(descriptor, events)
        self._callbacks[descriptor] = ready

    def forget(self, descriptor: int) -> None:
        """Stop watching, if it is watched. Necessary before the descriptor is closed."""
        if self._callbacks.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    def call_at(self, when: float, callback: Callback) -> Timer:
        """Call once at that time, as soon after it as the loop turns."""
        timer = Timer(callback)
        heappush(self._timers, (when, next(self._order), timer))
        return timer

    def call_later(self, seconds: float, callback: Callback) -> Timer:
        """Call once in so many seconds."""
        return self.call_at(self.clock() + seconds, callback)

    def call_soon(self, callback: Callback) -> None:
        """Call in the next turn. From any thread; when the loop is closed nothing is called."""
        with self._lock:
            if self._closed:
                return
            self._calls.append(callback)
            # The thread that turns the loop looks at the calls before it waits: only others must wake it.
            if len(self._calls) == 1 and get_ident() != self._turning:
                os.eventfd_write(self._bell, 1)

    def call_unhurried(self, callback: Callback) -> None:
        """Call in the next turn, whenever that is, before its timers: nobody is woken. From any thread."""
        self._unhurried.append(callback)

    # ---- serving

    def due(self, until: float) -> float:
        """Return when the next turn is over at the latest, if it is to end by then."""
        return min(until, self._next_timer())

    def turn(self, until: float) -> None:
        """Wait until there is something to do, at most until that time, and do it.

        At the time of a timer, or `until`, whatever can be read by then is read first.
        """
        self._turning = get_ident()
        due = self.due(until)
        if due <= self.clock() or self._calls:
            self._serve_descriptors(0)
        else:
            self._timer.set(due)
            self._serve_descriptors(-1)
            if due <= self.clock():
                # Events that arrived while the others were served are heard before anything is decided.
                self._serve_descriptors(0)
        while self._unhurried:
            self._unhurried.popleft()()
        self._serve_timers()
        self._serve_calls()

    def close(self) -> None:
        """Close its descriptors."""
        with self._lock:
            self._closed = True
            self._calls.clear()
            self._unhurried.clear()
        self._epoll.close()
        self._timer.close()
        os.close(self._bell)

    def _serve_descriptors(self, timeout: float) -> None:
        for descriptor, _ in self._epoll.poll(timeout, _MOST):
            # One that was served before it may have had this one forgotten.
            ready = self._callbacks.get(descriptor)
            if ready is None:
                continue
            try:
                ready()
            except BaseException:
                # The VIPs are given back after that in turns of this loop, too, which must not meet it again.
                self.forget(descriptor)
                raise

    def _next_timer(self) -> float:
        while self._timers and self._timers[0][2].callback is None:
            heappop(self._timers)
        return self._timers[0][0] if self._timers else inf

    def _serve_timers(self) -> None:
        now = self.clock()
        while self._next_timer() <= now:
            callback = heappop(self._timers)[2].callback
            if callback is not None:
                callback()

    def _serve_calls(self) -> None:
        if not self._calls:
            return
        with self._lock:
            calls, self._calls = self._calls, deque()
        try:
            while calls:
                calls.popleft()()
        finally:
            if calls:
                with self._lock:
                    self._calls.extendleft(reversed(calls))
