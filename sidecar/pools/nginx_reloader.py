"""Carries out the changes of all pools of one nginx: write, test, reload, prove, or put everything back.

Changes that wait together are one reload. If together they are refused, each is tried alone, so that one
bad pool does not hold up the others.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.core.pool.events import Applied, Apply, ReloadResult
from sidecar.pools.generation_client import GenerationClient
from sidecar.pools.nginx import Nginx, NginxAbsent, NginxUnreachable
from sidecar.pools.pool_file import PoolFile
from sidecar.stall import REPEAT_AFTER, StallWatch

_FIRST_ASKS: Final = 100
_ASK_EVERY: Final = 0.01
_ASK_LATER: Final = 0.1
"""Seconds between two questions for the token: a hundred quick ones, then slower ones."""


@dataclass(slots=True)
class Job:
    """One change of one pool, and the answer to it."""

    apply: Apply
    file: PoolFile
    client: GenerationClient
    answer: "asyncio.Future[Applied]"
    before: bytes | None = None
    counts: bool = True

    def settle(self, result: ReloadResult, detail: str, *, reloaded: bool = False) -> None:
        """Give the answer. The first one counts."""
        if not self.answer.done():
            self.answer.set_result(Applied(self.apply.generation, result, detail, reloaded, self.counts))


class NginxReloader:
    """Works for one nginx. `timeout`: seconds for nginx to serve a new generation.

    A failure while we ourselves stood still, or in the thaw after it, is tried again: our stall is not
    nginx's failure.
    """

    def __init__(self, nginx: Nginx, timeout: float, stalls: StallWatch) -> None:
        self._nginx = nginx
        self._timeout = timeout
        self._stalls = stalls
        self._waiting: asyncio.Queue[Job] = asyncio.Queue()

    async def change(self, apply: Apply, file: PoolFile, client: GenerationClient) -> Applied:
        """Carry out one change, together with those of other pools that wait."""
        job = Job(apply, file, client, asyncio.get_running_loop().create_future())
        self._waiting.put_nowait(job)
        return await job.answer

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            with contextlib.suppress(NginxAbsent, NginxUnreachable):
                # A question that fails now is asked again later, when somebody waits for the answer.
                await self._nginx.prepare()
            while True:
                await self._next()
        finally:
            self._nginx.close()

    async def _next(self) -> None:
        jobs = [await self._waiting.get()]
        while not self._waiting.empty():
            jobs.append(self._waiting.get_nowait())
        # Nobody waits for the change of a pool that was exchanged meanwhile, and its file stays as it is.
        jobs = [job for job in jobs if not job.answer.cancelled()]
        try:
            await self._carry_out(jobs)
        except Exception as error:  # noqa: BLE001 - a pool that waits for ever is worse than any bug
            _settle(jobs, ReloadResult.ERROR, f"the change crashed: {type(error).__name__}: {error}")

    async def _carry_out(self, jobs: Sequence[Job]) -> None:
        fault = await self._together(jobs)
        if fault is None:
            return
        if len(jobs) == 1:
            jobs[0].settle(ReloadResult.REFUSED, fault)
            return
        for job in jobs:
            await self._carry_out([job])

    async def _together(self, jobs: Sequence[Job]) -> str | None:
        """Carry out several changes; return why nginx refuses them, after everything was put back."""
        written = [job for job in jobs if _write(job)]
        if not written:
            return None
        for job in written:
            job.counts = job is written[0]
        try:
            fault = await self._test_and_reload()
        except NginxAbsent as absent:
            # A first file stays: without it nginx could not start at all.
            _restore(job for job in written if job.before is not None)
            _settle(written, ReloadResult.ABSENT, str(absent))
            return None
        except NginxUnreachable as unreachable:
            _restore(written)
            _settle(written, ReloadResult.ERROR, unreachable.detail)
            return None
        except BaseException:
            _restore(written)
            raise
        if fault is not None:
            _restore(written)
            return await self._blame(fault)
        await self._prove(written)
        return None

    async def _test_and_reload(self) -> str | None:
        """Return why nginx refuses what is on disk; None: it was told to load it."""
        while True:
            asked = self._stalls.clock()
            try:
                fault = await self._nginx.test()
                if fault is None:
                    await self._nginx.reload()
            except (NginxAbsent, NginxUnreachable):
                if self._stalls.excuses(asked):
                    await asyncio.sleep(REPEAT_AFTER)
                    continue
                raise
            return fault

    async def _blame(self, fault: str) -> str:
        """Say whether the configuration was broken without our change, too."""
        try:
            others = await self._nginx.test()
        except (NginxAbsent, NginxUnreachable):
            return fault
        return fault if others is None else f"broken outside of this pool: {others}"

    async def _prove(self, jobs: Sequence[Job]) -> None:
        answers = await asyncio.gather(*(self._await_token(job) for job in jobs))
        unproven = [(job, said) for job, said in zip(jobs, answers, strict=True) if said is not None]
        if not unproven:
            return
        _restore(job for job, _ in unproven)
        try:
            await self._nginx.reload()
            told = "put back"
        except (NginxAbsent, NginxUnreachable) as failure:
            told = f"put back, but nginx was not told: {failure}"
        for job, said in unproven:
            detail = f"generation not served within {self._timeout:g} s, {told}; nginx said: {said}"
            job.settle(ReloadResult.UNPROVEN, detail, reloaded=True)

    async def _await_token(self, job: Job) -> str | None:
        """Return None when the new generation was served, else what was served instead."""
        said: str | None = None
        asks = 0
        began = self._stalls.clock()
        while True:
            try:
                async with asyncio.timeout(self._timeout):
                    while (said := await job.client.ask()) != job.apply.token:
                        asks += 1
                        await asyncio.sleep(_ASK_EVERY if asks < _FIRST_ASKS else _ASK_LATER)
            except TimeoutError:
                if self._stalls.excuses(began):
                    began = self._stalls.clock()
                    continue
                return "nothing" if said is None else repr(said[:80])
            job.settle(ReloadResult.LIVE, "", reloaded=True)
            return None


def _write(job: Job) -> bool:
    try:
        job.before = job.file.read()
        job.file.write(job.apply.text.encode())
    except OSError as error:
        job.settle(ReloadResult.ERROR, f"{job.file.path} cannot be written: {error.strerror}")
        return False
    return True


def _restore(jobs: Iterable[Job]) -> None:
    for job in jobs:
        try:
            job.file.restore(job.before)
        except OSError as error:
            detail = f"{job.file.path} cannot be put back: {error.strerror}"
            job.settle(ReloadResult.ERROR, detail)


def _settle(jobs: Iterable[Job], result: ReloadResult, detail: str) -> None:
    for job in jobs:
        job.settle(result, detail)
