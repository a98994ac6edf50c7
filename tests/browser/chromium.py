"""A headless Chromium, driven by its own protocol over two pipes."""

import json
import os
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

_PROGRAM: Final = "chromium"
_QUIET: Final = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
)  # fmt: skip
"""It looks for nothing outside of this machine."""
_PIPES: Final = 'in=$1 out=$2; shift 2; exec "$@" 3<&"$in" 4>&"$out"'
_LOOK: Final = 0.02
_ENDS_WITHIN: Final = 20.0
_COMPLAINTS: Final = frozenset({"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"})


class Chromium:
    """Use as a context manager: one tab. It starts in the network of the thread that enters.

    `complaints` are what it said of a page: errors of scripts, what a policy has forbidden.
    """

    def __init__(self) -> None:
        self.complaints: list[dict[str, Any]] = []
        self._number = 0
        self._unread = b""
        self._session: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._profile = tempfile.TemporaryDirectory(prefix="vip-browser-", ignore_cleanup_errors=True)
        theirs, self._to = os.pipe()
        self._from, to_us = os.pipe()
        tab = (_PROGRAM, *_QUIET, "--remote-debugging-pipe", f"--user-data-dir={self._profile.name}")
        self._process = subprocess.Popen(
            ["bash", "-c", _PIPES, "pipes", str(theirs), str(to_us), *tab, "about:blank"],
            pass_fds=(theirs, to_us),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=os.environ | {"HOME": self._profile.name},
        )
        os.close(theirs)
        os.close(to_us)
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
            self._session = {"sessionId": attached["sessionId"]}
            for domain in ("Page", "Runtime", "Log"):
                self.call(f"{domain}.enable")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            error.add_note(f"--- the browser says {self.complaints}")
        self._session = {}
        with suppress(EOFError, BrokenPipeError):
            self.call("Browser.close")
        self._end()

    def open(self, url: str) -> None:
        """Load a page, and wait until it is there."""
        assert not (answer := self.call("Page.navigate", url=url)).get("errorText"), answer
        self.wait_for("document.readyState === 'complete' && document.URL !== 'about:blank'")

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the page, as JSON would have it."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, expression: str, within: float = 30.0) -> float:
        """Wait until an expression is true; return after how many seconds."""
        began = time.monotonic()
        while not self.evaluate(expression):
            assert time.monotonic() < began + within, f"never true: {expression}"
            time.sleep(_LOOK)
        return time.monotonic() - began

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol. EOFError if the browser is gone, RuntimeError if it refuses."""
        self._number += 1
        question = {"id": self._number, "method": method, "params": parameters, **self._session}
        os.write(self._to, json.dumps(question).encode() + b"\0")
        while True:
            said = self._next()
            if said.get("id") == self._number:
                if "error" in said:
                    raise RuntimeError(f"{method}: {said['error']}")
                result: dict[str, Any] = said["result"]
                return result
            if said.get("method") in _COMPLAINTS:
                self.complaints.append(said["params"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            more = os.read(self._from, 1 << 16)
            if not more:
                raise EOFError(f"{_PROGRAM} has ended: {self._process.poll()}")
            self._unread += more
        one, _, self._unread = self._unread.partition(b"\0")
        said: dict[str, Any] = json.loads(one)
        return said

    def _end(self) -> None:
        os.close(self._to)
        os.close(self._from)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDS_WITHIN)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._profile.cleanup()
