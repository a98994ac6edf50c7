# ruff: noqa: INP001, T201 - a script: it stands alone in a container and talks on stdout
"""Ask a web server for a page at a fixed pace; say who answers, and how long nobody did.

Requests start by the clock, whether earlier ones were answered or not, each on a connection of its own:
neither a hanging server nor a lost SYN hides the moment from which the next visitor is served. A gap is
the time between two answers that follow each other. Standard library only.

As text: a line whenever another host answers, and a summary now and then. With --json: one array
`[ended, started, who, error]` per request, seconds of CLOCK_MONOTONIC.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import time
from collections import Counter
from collections.abc import Callable

Report = Callable[[float, float, str, str], None]


def get(path: str) -> bytes:
    """Return the bytes of a request."""
    return f"GET {path} HTTP/1.1\r\nHost: vip\r\nConnection: close\r\n\r\n".encode()


async def ask(host: str, port: int, wanted: bytes) -> str:
    """Make one request; return the name in X-Served-By.

    Raises OSError if the connection fails, EOFError if it ends early, ValueError if the answer is no 200.
    """
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(wanted)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, *fields = head.split("\r\n")
        if status.split(" ")[1:2] != ["200"]:
            raise ValueError(status)
        named = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        return named.get("x-served-by", "?")
    finally:
        # Closed with a reset: many short connections must not use up the ports of this machine.
        writer.transport.abort()


async def request(host: str, port: int, wanted: bytes, patience: float, report: Report) -> None:
    """Make one request and report how it ended."""
    started, who, error = time.monotonic(), "", ""
    try:
        async with asyncio.timeout(patience):
            who = await ask(host, port, wanted)
    except (OSError, EOFError, ValueError) as failure:
        error = type(failure).__name__
    report(time.monotonic(), started, who, error)


async def ask_for_ever(
    host: str, port: int, wanted: bytes, every: float, patience: float, report: Report
) -> None:
    """Start a request every so many seconds until cancelled."""
    pending: set[asyncio.Task[None]] = set()
    due = time.monotonic()
    while True:
        task = asyncio.create_task(request(host, port, wanted, patience, report))
        pending.add(task)
        task.add_done_callback(pending.discard)
        # A late wake-up skips beats: a burst would look like service.
        due = max(due + every, time.monotonic())
        await asyncio.sleep(due - time.monotonic())


class Story:
    """The line for people: who answers since when, and the longest gap."""

    def __init__(self, summary: float) -> None:
        self.summary = summary
        self.told = time.monotonic()
        self.answered = 0.0
        self.holder, self.holder_since = "", 0.0
        self.longest = 0.0
        self.waiting = False
        self.counts: Counter[str] = Counter()

    def __call__(self, ended: float, started: float, who: str, error: str) -> None:
        """Take one result; print if it is news."""
        self.counts[who or error] += 1
        if who:
            gap = ended - self.answered if self.answered else 0.0
            self.answered, self.longest = ended, max(self.longest, gap)
            # Requests overlap: a late answer to a question older than the last change is no change back.
            if who != self.holder and started > self.holder_since:
                self.holder, self.holder_since = who, ended
                self.say(f"{who} answers, after a gap of {gap * 1000:.0f} ms")
        elif not self.answered and not self.waiting:
            self.waiting = True
            self.say("nobody answers yet", longest=False)
        if ended - self.told > self.summary:
            silent = ended - self.answered if self.answered else 0.0
            state = (
                f"nobody answers for {silent:.1f} s" if silent > 1 else f"{self.holder or 'nobody'} answers"
            )
            self.say(f"{state}; {dict(self.counts)}")

    def say(self, text: str, *, longest: bool = True) -> None:
        """Print one line."""
        self.told = time.monotonic()
        gap = f"; longest gap so far {self.longest * 1000:.0f} ms" if longest else ""
        print(f"{time.strftime('%H:%M:%S')} {text}{gap}", flush=True)


def tell_all(ended: float, started: float, who: str, error: str) -> None:
    """Print one result as JSON."""
    print(json.dumps([round(ended, 6), round(started, 6), who, error]), flush=True)


async def main() -> None:
    """Run until INT or TERM."""
    parser = argparse.ArgumentParser(
        description="Ask for a page at a fixed pace; report gaps and who answers."
    )
    parser.add_argument("target", help="ADDRESS:PORT")
    parser.add_argument("--path", default="/", help="what to ask for")
    parser.add_argument("--every", type=float, default=0.01, metavar="S", help="seconds between requests")
    parser.add_argument("--timeout", type=float, default=0.5, metavar="S", help="seconds a request may take")
    parser.add_argument(
        "--summary", type=float, default=60, metavar="S", help="seconds of quiet before a summary"
    )
    parser.add_argument("--note", action="append", default=[], metavar="TEXT", help="a line to begin with")
    parser.add_argument("--json", action="store_true", help="one JSON array per request")
    wish = parser.parse_args()
    host, _, port = wish.target.rpartition(":")
    report: Report = tell_all
    if not wish.json:
        report = story = Story(wish.summary)
        for note in wish.note:
            story.say(note, longest=False)
    asking = asyncio.create_task(
        ask_for_ever(host, int(port), get(wish.path), wish.every, wish.timeout, report)
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asking.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await asking


if __name__ == "__main__":
    asyncio.run(main())
