"""The nginx check: stub_status answers on every one of several connections.

One connection proves one worker. With more workers, several connections are kept and all are asked in
each run. A worker that hangs leaves its own unanswered; such a connection stays under observation and
fails every run until it is answered, closed by nginx, or given up after a while. A new connection would
only go to a worker that lives: the kernel gives it to one that asks for it.

So each worker has to have one of ours before it hangs. On an idle nginx the kernel gives all new
connections to the same worker, which steps back behind the others after having accepted 16 (ngx_event.c,
since 1.21.6). Therefore connections are opened one after the other, 16 for each worker, and spread over
all of these some are kept.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from sidecar.checks.dial import Dial
from sidecar.checks.http.trust import Trust
from sidecar.checks.idle_connection_watch import IdleConnectionWatch
from sidecar.checks.kinds.http import request
from sidecar.checks.nginx.kept_connection import KeptConnection, Result
from sidecar.checks.nginx.stub_status import StubStatus
from sidecar.checks.probe import Finding, ProbeProgress, Tools, Watch
from sidecar.checks.schedule import Polled, pace_of
from sidecar.core.health.result import Outcome
from sidecar.plan.check import NginxCheck

_PER_WORKER: Final = 4
"""Connections for each worker: with two workers and SO_REUSEPORT a given one has none in 0.4 % of cases."""
_MOST: Final = 64
_TURN: Final = 16
"""Connections that a worker accepts before it steps back."""
_SPREAD_PAUSE: Final = 10.0
"""Seconds between two spreads: a server that keeps no connection is not asked all the more for it."""
_SPREAD_SHARE: Final = 0.25
"""Part of the deadline that a spread may take in one run. On a busy machine it goes on in the next ones."""
_GIVEN_UP: Final = 30.0
"""Seconds after which an unanswered connection is replaced: its worker may be one of an earlier reload."""


def build(check: NginxCheck, tools: Tools) -> Watch:
    """Return the watch of an nginx check."""
    url = check.url
    dial = Dial(url.host, url.port, tools.resolver, url.unix_socket)
    tls = Trust(verify=True) if url.tls else None
    asked = request(url).replace(b"Connection: close", b"Connection: keep-alive")
    pace = pace_of(check)
    probe = NginxProbe(
        lambda: KeptConnection(dial, asked, tls), check.workers, check.max_active, pace.deadline
    )
    return Polled(probe, pace, tools.stalls, IdleConnectionWatch(dial, pace.deadline), on_end=probe.close)


class _Slot:
    """One connection and the request on it that has no answer yet."""

    def __init__(self, connection: KeptConnection) -> None:
        self.connection = connection
        self._task: asyncio.Task[Result] | None = None
        self._since = 0.0

    @property
    def waits(self) -> bool:
        """Whether an answer is missing."""
        return self._task is not None and not self._task.done()

    def begin(self, now: float, phase: ProbeProgress) -> asyncio.Task[Result]:
        """Ask, unless an answer is still missing; that is waited for, for a while."""
        if self._task is not None and now - self._since > _GIVEN_UP:
            self._task.cancel()
            self._task = None
        if self._task is None or self._task.done():
            self._since = now
            self._task = asyncio.create_task(self.connection.ask(phase), name="stub_status")
        return self._task

    def replace(self, connection: KeptConnection) -> None:
        """Go on with another connection."""
        self.connection.close()
        self.connection = connection

    def close(self) -> None:
        """Give up."""
        if self._task is not None:
            self._task.cancel()
        self.connection.close()


class NginxProbe:
    """Asks over all connections at once.

    `max_active` is the most connections that nginx may have, `deadline` the seconds of a run.
    """

    def __init__(
        self, connect: Callable[[], KeptConnection], workers: int, max_active: int | None, deadline: float
    ) -> None:
        count = 1 if workers == 1 else min(_MOST, _PER_WORKER * workers)
        self._connect = connect
        self._slots = [_Slot(connect()) for _ in range(count)]
        self._turns = _TURN * workers
        self._max_active = max_active
        self._patience = deadline * _SPREAD_SHARE
        self._spread_due = -1.0
        self._owed = count > 1
        self._turn = 0
        self._runs = 0

    async def __call__(self, phase: ProbeProgress) -> Finding:
        """Pass when every connection is answered and nginx is not full."""
        now = asyncio.get_running_loop().time()
        count = len(self._slots)
        refused = await self._spread_if_due(now) if count > 1 else None
        if refused is not None:
            return refused
        # One connection says itself how far it has come; of many, the number tells more.
        pending = {slot.begin(now, phase if count == 1 else ProbeProgress()) for slot in self._slots}
        numbers: StubStatus | None = None
        phase.reached = "the last request is still without an answer"
        while pending:
            if count > 1:
                phase.reached = f"{count - len(pending)} of {count} connections answered"
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for result in [task.result() for task in done]:
                if isinstance(result, Finding):
                    return result
                numbers = result
        if numbers is None:
            raise ValueError("there is no connection to ask over")
        if self._max_active is not None and numbers.active > self._max_active:
            return Finding(Outcome.FAIL, f"{numbers.active} active connections, at most {self._max_active}")
        return Finding(Outcome.PASS, str(numbers))

    async def _spread_if_due(self, now: float) -> Finding | None:
        """Spread anew when a connection was lost; return what is wrong if that shows already."""
        free = [slot for slot in self._slots if not slot.waits]
        self._owed = self._owed or any(slot.connection.lost for slot in free)
        if not self._owed or not free or now < self._spread_due:
            return None
        self._runs += 1
        try:
            async with asyncio.timeout(self._patience):
                found = await self._spread(free)
        except TimeoutError:
            if self._runs < self._turns:
                return None
            found = None
        self._turn, self._runs, self._owed, self._spread_due = 0, 0, False, now + _SPREAD_PAUSE
        return found

    async def _spread(self, free: list[_Slot]) -> Finding | None:
        """Open connections for each worker's turn, one after the other, and keep some of all turns.

        Goes on where the run before had to stop, and ends after as many runs as turns whatever nginx does.
        """
        kept = {number * self._turns // len(free): slot for number, slot in enumerate(free)}
        while self._turn < self._turns:
            connection = self._connect()
            try:
                result = await connection.ask(ProbeProgress())
            except BaseException:
                connection.close()
                raise
            slot = kept.get(self._turn)
            self._turn += 1
            if slot is not None:
                slot.replace(connection)
            else:
                connection.close()
            if isinstance(result, Finding):
                return result
        return None

    def close(self) -> None:
        """Close all connections."""
        with suppress(RuntimeError):  # the loop may have ended
            for slot in self._slots:
                slot.close()
