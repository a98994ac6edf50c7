"""The observer's end of the channel, in its event loop."""

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from socket import socket
from typing import Final

from sidecar.channel.down import DOWN, Down, Hello, Line, Noted, PlanPiece
from sidecar.channel.endpoint import Endpoint, Hungup
from sidecar.channel.reload import Commit, Reloaded
from sidecar.channel.send_queue import Importance
from sidecar.channel.up import UP, Alive, Look, Up
from sidecar.clock import clock
from sidecar.core.health.observer_events import CheckVerdict
from sidecar.core.health.params import CheckParams

LONGEST_PLAN: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Greeting:
    """The beginning of an observer: its plan as bytes, the rules of the checks, verdicts to go on from."""

    restarts: int
    plan: bytes
    checks: tuple[CheckParams, ...]
    verdicts: tuple[CheckVerdict, ...]
    ipv4: tuple[int, ...]
    ipv6: tuple[int, ...]


class RouterChannel:
    """Speaks with the router. For the thread of the loop."""

    def __init__(self, descriptor: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._passed = deque[int]()
        self._endpoint: Endpoint[Up, Down] = Endpoint(
            socket(fileno=descriptor), UP, DOWN, clock, passed=self._passed
        )
        self._writing = False

    @property
    def received(self) -> int:
        """Messages so far."""
        return self._endpoint.received

    async def greeting(self) -> Greeting:
        """Wait for what the router says first. Raises Hungup, Malformed, OSError."""
        await self._readable()
        while (first := self._endpoint.receive_descriptors()) is None:
            await self._readable()
        hello, descriptors = first
        if not isinstance(hello, Hello) or len(descriptors) != hello.ipv4 + hello.ipv6:
            raise Hungup("the first message was no greeting")
        plan, checks, verdicts = bytearray(), list[CheckParams](), list[CheckVerdict]()
        while True:
            match message := await self._one():
                case CheckParams():
                    checks.append(message)
                case CheckVerdict():
                    verdicts.append(message)
                case PlanPiece(data, last) if len(plan) + len(data) <= LONGEST_PLAN:
                    plan += data
                    if last:
                        break
                case _:
                    raise Hungup(f"{type(message).__name__} before the end of the plan")
        return Greeting(
            hello.restarts,
            bytes(plan),
            tuple(checks),
            tuple(verdicts),
            tuple(descriptors[: hello.ipv4]),
            tuple(descriptors[hello.ipv4 :]),
        )

    def passed(self, number: int) -> list[int]:
        """Return the next descriptors that came with messages, at most so many. They are the caller's."""
        return [self._passed.popleft() for _ in range(min(number, len(self._passed)))]

    def send(self, message: Up) -> None:
        """Send it as soon as there is room. An end is told by `follow`."""
        try:
            self._endpoint.send(message, Importance.LOUD, key=_key(message))
        except Hungup:
            return
        self._write_later()

    def send_soon(self, message: Up) -> None:
        """Send it, from any thread."""
        with suppress(RuntimeError):  # the loop has ended, and nobody listens
            self._loop.call_soon_threadsafe(self.send, message)

    def follow(self, receive: Callable[[Down], None], ended: Callable[[str], None]) -> None:
        """Call `receive` with each message from now on, and `ended` when the router has gone."""
        self._loop.add_reader(self._endpoint.fileno(), self._read, receive, ended)

    def close(self) -> None:
        """Hang up."""
        self._loop.remove_reader(self._endpoint.fileno())
        self._loop.remove_writer(self._endpoint.fileno())
        self._endpoint.close()

    def _read(self, receive: Callable[[Down], None], ended: Callable[[str], None]) -> None:
        try:
            messages = self._endpoint.receive()
        except Hungup as error:
            self._loop.remove_reader(self._endpoint.fileno())
            ended(str(error))
            return
        for message in messages:
            receive(message)
        if any(isinstance(message, Line | Noted | Commit | Reloaded) for message in messages):
            # So that nobody tells it again to the next one.
            self.send(Alive(clock(), self.received))
        if self._endpoint.over:
            self._loop.remove_reader(self._endpoint.fileno())
            ended("the other end is closed")

    def _write_later(self) -> None:
        if self._endpoint.waiting and not self._writing:
            self._writing = True
            self._loop.add_writer(self._endpoint.fileno(), self._write)

    def _write(self) -> None:
        try:
            self._endpoint.flush()
        except Hungup:
            self._endpoint.queue.clear(Importance.LOUD)
        if not self._endpoint.waiting:
            self._writing = False
            self._loop.remove_writer(self._endpoint.fileno())

    async def _one(self) -> Down:
        while not (messages := self._endpoint.receive(most=1)):
            await self._readable()
        return messages[0]

    async def _readable(self) -> None:
        ready = asyncio.Event()
        self._loop.add_reader(self._endpoint.fileno(), ready.set)
        try:
            await ready.wait()
        finally:
            self._loop.remove_reader(self._endpoint.fileno())


def _key(message: Up) -> Hashable | None:
    """Of each check the last verdict counts, of questions the last one, if an older one still waits."""
    if isinstance(message, Look):
        return Look
    return message.check if isinstance(message, CheckVerdict) else None
