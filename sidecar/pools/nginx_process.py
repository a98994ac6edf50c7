"""An nginx whose processes we see: the master is found by its pid file and told by a signal."""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from pathlib import Path
from typing import Final

from sidecar.pools.nginx import NginxAbsent, NginxUnreachable, complaint

_OUTPUT: Final = 64 * 1024
_GOODBYE: Final = 1.0
_TITLE: Final = b"nginx: master process"


class NginxProcess:
    """The nginx of a pid file. `test` is a program with arguments, `timeout` its seconds."""

    def __init__(self, pid_file: Path, test: tuple[str, ...], timeout: float) -> None:
        self._pid_file = pid_file
        self._test = test
        self._timeout = timeout

    async def prepare(self) -> None:
        """There is nothing to prepare."""

    def close(self) -> None:
        """There is nothing to close."""

    async def test(self) -> str | None:
        """Run the test program in a session of its own; its output is capped, its time limited."""
        if not self._test:
            return None
        try:
            process = await asyncio.create_subprocess_exec(
                *self._test, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, start_new_session=True
            )
        except OSError as error:
            raise NginxUnreachable("test", f"{self._test[0]} cannot be run: {error.strerror}") from error
        try:
            async with asyncio.timeout(self._timeout):
                return await _verdict(process)
        except TimeoutError:
            detail = f"{self._test[0]} did not end within {self._timeout:g} s"
            raise NginxUnreachable("test", detail) from None
        finally:
            await _end(process)

    async def reload(self) -> None:
        """Send HUP to the master. A number that now belongs to another process is never signalled."""
        pid = self._read_pid()
        try:
            master = os.pidfd_open(pid)
        except ProcessLookupError:
            raise NginxAbsent(f"there is no process {pid}, which {self._pid_file} names") from None
        except OSError as error:
            raise NginxUnreachable("signal", f"process {pid} cannot be watched: {error.strerror}") from error
        try:
            # After the descriptor is open, so that the process that is looked at is the one that is told.
            if not _is_master(pid):
                raise NginxAbsent(f"process {pid}, which {self._pid_file} names, is no nginx master")
            signal.pidfd_send_signal(master, signal.SIGHUP)
        except ProcessLookupError:
            raise NginxAbsent(f"process {pid} has just ended") from None
        except PermissionError:
            detail = f"no permission to signal process {pid}: grant CAP_KILL, or run as its user"
            raise NginxUnreachable("signal", detail) from None
        finally:
            os.close(master)

    def _read_pid(self) -> int:
        try:
            text = self._pid_file.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            raise NginxAbsent(f"there is no file {self._pid_file}") from None
        except OSError as error:
            detail = f"{self._pid_file} cannot be read: {error.strerror}"
            raise NginxUnreachable("pid_file", detail) from error
        if not text.isdigit() or not 0 < int(text) < 1 << 31:
            raise NginxAbsent(f"{self._pid_file} holds no process number")
        return int(text)


async def _verdict(process: Process) -> str | None:
    stream = process.stdout
    output = b""
    while stream is not None and (chunk := await stream.read(4096)):
        output = (output + chunk)[-_OUTPUT:]
    return complaint(output) if await process.wait() else None


async def _end(process: Process) -> None:
    """Kill what still runs, its children too, and collect it."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE):
                await process.wait()


def _is_master(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().startswith(_TITLE)
    except OSError:
        return False
