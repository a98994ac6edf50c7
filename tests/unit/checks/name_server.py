"""A real name server, dnsmasq."""

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.unit.checks.stage import free_port, wait_until


@contextlib.contextmanager
def dnsmasq(folder: Path, *more: str) -> Iterator[int]:
    """A real name server that knows web.example."""
    port = free_port()
    command = f"dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --port={port} --user=root"
    command += f" --listen-address=127.0.0.1 --bind-interfaces --local=/example/ --pid-file={folder}/pid"
    records = ["--host-record=web.example,10.0.0.1,fd00::1", *more]
    process = subprocess.Popen([*command.split(), *records], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _listens(port))
        yield port
    finally:
        process.kill()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0
