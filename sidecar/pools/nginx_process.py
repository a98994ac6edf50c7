"""An nginx whose processes we see: the master is found by its pid file and told by a signal."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Final

from sidecar.pools.nginx import NginxAbsent, NginxUnreachable, complaint
from sidecar.programs.fork_server import ForkServer
from sidecar.programs.supervised_program import Ended, SupervisedProgram

_OUTPUT: Final = 64 * 1024
_TITLE: Final = b"nginx: master process"


class NginxProcess:
    """The nginx of a pid file. `test` is a program with arguments, `timeout` its seconds."""

    def __init__(self, pid_file: Path, test: tuple[str, ...], timeout: float, programs: ForkServer) -> None:
        self._pid_file = pid_file
        self._test = test
        self._timeout = timeout
        self._programs = programs

    async def prepare(self) -> None:
        """Be ready to run the test program."""
        if self._test:
            self._programs.prepare()

    def close(self) -> None:
        """There is nothing to close."""

    async def test(self) -> str | None:
        """Run the test program with our user and environment; its output is capped, its time limited."""
        if not self._test:
            return None
        try:
            async with asyncio.timeout(self._timeout):
                run = await self._run()
        except TimeoutError:
            detail = f"{self._test[0]} did not end within {self._timeout:g} s"
            raise NginxUnreachable("test", detail) from None
        except OSError as error:
            raise NginxUnreachable("test", f"{self._test[0]} cannot be run: {error.strerror}") from error
        if run.failed:
            raise NginxUnreachable("test", f"{self._test[0]} cannot be run: {run.failed}")
        if run.status is None:
            raise NginxUnreachable("test", f"{self._test[0]} was killed before it ended")
        return complaint(run.output) if run.status else None

    async def _run(self) -> Ended:
        program = SupervisedProgram(
            self._programs,
            "plain",
            self._test,
            keep=_OUTPUT,
            environment=os.environ,
            folder=str(Path.cwd()),
        )
        return await program.run()

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
            detail = f"no permission to signal process {pid}: run nginx's master as uid {os.geteuid()}"
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


def _is_master(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().startswith(_TITLE)
    except OSError:
        return False
