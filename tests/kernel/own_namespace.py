"""Run code in a network namespace of its own, inside this process.

A namespace belongs to a thread and dies with it: nothing is named, nothing can be left behind.
"""

import ctypes
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

_CLONE_NEWNET = 0x40000000


def ip(command: str) -> str:
    """Run one `ip` command in the namespace of this thread. Return what it printed."""
    return subprocess.run(["ip", *command.split()], check=True, capture_output=True, text=True).stdout


def ip_batch(commands: Iterable[str]) -> None:
    """Run many `ip` commands, one a line, in the namespace of this thread."""
    subprocess.run(["ip", "-batch", "-"], input="".join(commands), check=True, capture_output=True, text=True)


def set_ipv4(name: str, value: int, interface: str) -> None:
    """Set an IPv4 setting of an interface, or of all, in the namespace of this thread."""
    Path("/proc/sys/net/ipv4/conf", interface, name).write_text(str(value), encoding="ascii")


def get_ipv4(name: str, interface: str) -> int:
    """Return an IPv4 setting of an interface in the namespace of this thread."""
    return int(Path("/proc/sys/net/ipv4/conf", interface, name).read_text(encoding="ascii"))


def left_of_leases(text: str) -> list[int]:
    """The seconds that addresses with a lease still have, of what `ip address` shows."""
    return [int(seconds) for seconds in re.findall(r"valid_lft (\d+)sec", text)]


def _leave() -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def inside(work: Callable[[], None]) -> None:
    """Run a function in a new namespace with v0 (10.77.0.11/24) linked to v1. Raises what it raises."""
    failures: list[BaseException] = []

    def body() -> None:
        try:
            _leave()
            for command in (
                "link set lo up",
                "link add v0 type veth peer name v1",
                # No IPv6 address of the kernel's own: it ends its tentative time a second or two later, in
                # the midst of what a test hears of the kernel.
                "link set v0 addrgenmode none",
                "link set v1 addrgenmode none",
                "link set v0 up",
                "link set v1 up",
                "address add 10.77.0.11/24 dev v0",
            ):
                ip(command)
            work()
        except BaseException as failure:  # noqa: BLE001 - carried over to the thread that asked
            failures.append(failure)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
