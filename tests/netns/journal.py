"""A program that writes one JSON array per line, and what it has written so far."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from tests.netns.bounds import SLOWER

Record = TypeVar("Record")


class Journal(Generic[Record]):
    """Reads a program's lines in a thread. Closing it ends the program."""

    def __init__(self, process: subprocess.Popen[bytes], decode: Callable[..., Record]) -> None:
        self._process = process
        self._decode = decode
        self._records: list[Record] = []
        self._grown = threading.Condition()
        self._ended = False
        self._reader = threading.Thread(target=self._read, name=f"journal-{process.pid}")
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as pipe:
            for line in pipe:
                record = self._decode(*_fields(line))
                with self._grown:
                    self._records.append(record)
                    self._grown.notify_all()
        with self._grown:
            self._ended = True
            self._grown.notify_all()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the program meanwhile: it does nothing, and misses what does not wait for it."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """End the program and read what is left."""
        self._process.terminate()
        self._process.wait()
        self._reader.join()

    @property
    def mark(self) -> int:
        """How many records there are; `since` it means after now."""
        with self._grown:
            return len(self._records)

    def since(self, mark: int = 0) -> list[Record]:
        """All records after a mark."""
        with self._grown:
            return self._records[mark:]

    def wait(
        self, wanted: Callable[[Record], bool], timeout: float, mark: int = 0, what: str = "a record"
    ) -> Record:
        """The first record after `mark` that is wanted; TimeoutError with `what` if there is none.

        `timeout`: seconds that this may take on a quiet machine. A busy one gets more (SLOWER): how long it
        took is for the test to compare with a bound.
        """
        deadline = time.monotonic() + SLOWER * timeout
        with self._grown:
            while True:
                for record in self._records[mark:]:
                    mark += 1
                    if wanted(record):
                        return record
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    raise TimeoutError(f"not seen within {SLOWER} x {timeout} s: {what}")
                self._grown.wait(left)


def _fields(line: bytes) -> list[Any]:
    fields = json.loads(line)
    assert isinstance(fields, list), line
    return fields
