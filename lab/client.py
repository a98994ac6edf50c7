# ruff: noqa: INP001, T201 - a script: it stands alone in a container and talks on stdout
"""Ask a web server for a page at a fixed pace, and say who answers and how long nobody did.

Requests start by the clock, whether earlier ones have been answered or not, so a server that hangs does
not slow the questions down. A gap is the time between two answers that follow each other. Standard
library only: it runs in any image that has Python.

As text, a line whenever the answering host changes, and a summary now and then. With --json, one object
a line; each line read from stdin closes a window of that name and prints what was seen in it.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

REQUEST = b"GET / HTTP/1.1\r\nHost: vip\r\nConnection: close\r\n\r\n"


@dataclass(slots=True)
class Window:
    """What was seen since `started` (monotonic seconds)."""

    started: float
    longest_gap: float = 0.0
    gap_ended: float = 0.0
    answers: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)


async def ask(host: str, port: int) -> str:
    """Make one request on a connection of its own; return the name of the host that answered.

    Raises OSError when the connection fails and ValueError when the answer is no 200.
    """
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        status, *fields = head.decode("latin-1").split("\r\n")
        if status.split(" ")[1] != "200":
            raise ValueError(f"status {status.split(' ')[1]}")
        names = [line.partition(":")[2].strip() for line in fields if line.lower().startswith("x-served-by:")]
        return names[0] if names else "?"
    finally:
        # A reset: thousands of short connections must not use up the ports of this machine.
        writer.transport.abort()


class Client:
    """Asks, counts and reports. Times are CLOCK_MONOTONIC seconds, the same on all hosts of a lab."""

    def __init__(self, host: str, port: int, *, every: float, timeout: float, as_json: bool) -> None:
        self.host, self.port, self.every, self.timeout, self.as_json = host, port, every, timeout, as_json
        self.window = Window(time.monotonic())
        self.longest_ever = 0.0
        self.last_answer = 0.0
        self.holder = ""
        self.holder_since = 0.0
        self.requests: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Start a request every so often until cancelled."""
        due = time.monotonic()
        while True:
            task = asyncio.create_task(self._request())
            self.requests.add(task)
            task.add_done_callback(self.requests.discard)
            # A late wake-up skips beats instead of sending a burst.
            due = max(due + self.every, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

    async def _request(self) -> None:
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.timeout):
                by = await ask(self.host, self.port)
        except (OSError, ValueError, IndexError, asyncio.IncompleteReadError) as error:
            self.window.failures[type(error).__name__] += 1
        else:
            self._answered(by, began)

    def _answered(self, by: str, began: float) -> None:
        now = time.monotonic()
        gap = now - self.last_answer if self.last_answer else 0.0
        self.last_answer = now
        self.window.answers[by] += 1
        if gap > self.window.longest_gap:
            self.window.longest_gap, self.window.gap_ended = gap, now
        self.longest_ever = max(self.longest_ever, gap)
        # Requests overlap: the late answer to a question older than the last change is no change back.
        if by != self.holder and began > self.holder_since:
            self.holder, self.holder_since = by, now
            self._say("holder", by=by, gap_ms=_ms(gap))

    def close_window(self, name: str) -> None:
        """Report the window and begin the next one; a gap that still lasts counts."""
        now = time.monotonic()
        silence = now - self.last_answer if self.last_answer else now - self.window.started
        self._say(
            "window",
            name=name,
            by=self.holder,
            seconds=round(now - self.window.started, 4),
            longest_gap_ms=_ms(max(self.window.longest_gap, silence)),
            gap_ended=round(self.window.gap_ended, 4),
            answers=dict(self.window.answers),
            failures=dict(self.window.failures),
        )
        self.window = Window(now)

    def _say(self, event: str, **what: object) -> None:
        if self.as_json:
            print(json.dumps({"event": event, "at": round(time.monotonic(), 4), **what}), flush=True)
            return
        text = (
            f"{what['by']} answers, after a gap of {what['gap_ms']} ms"
            if event == "holder"
            else f"answers {what['answers']} failures {what['failures']}"
        )
        print(
            f"{time.strftime('%H:%M:%S')} {text}; longest gap so far {_ms(self.longest_ever)} ms", flush=True
        )


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _windows_from_stdin(client: Client, loop: asyncio.AbstractEventLoop) -> None:
    for line in sys.stdin:
        loop.call_soon_threadsafe(client.close_window, line.strip())


async def main() -> None:
    """Run until INT or TERM."""
    arguments = _arguments()
    host, _, port = arguments.target.rpartition(":")
    client = Client(host, int(port), every=arguments.every, timeout=arguments.timeout, as_json=arguments.json)
    loop = asyncio.get_running_loop()
    asking = asyncio.create_task(client.run())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asking.cancel)
    if arguments.json:
        threading.Thread(target=_windows_from_stdin, args=(client, loop), daemon=True).start()
    summaries = None if arguments.json else asyncio.create_task(_summaries(client, arguments.summary))
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    if summaries:
        summaries.cancel()
    client.close_window("all")


async def _summaries(client: Client, every: float) -> None:
    while True:
        await asyncio.sleep(every)
        client.close_window("summary")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Ask for a page at a fixed pace; report gaps and who answers."
    )
    parser.add_argument("target", help="HOST:PORT")
    parser.add_argument("--every", type=float, default=0.01, metavar="S", help="seconds between requests")
    parser.add_argument("--timeout", type=float, default=0.5, metavar="S", help="seconds a request may take")
    parser.add_argument("--summary", type=float, default=30, metavar="S", help="seconds between summaries")
    parser.add_argument("--json", action="store_true", help="JSON lines; stdin closes windows")
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main())
