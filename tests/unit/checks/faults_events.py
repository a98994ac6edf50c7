"""Faults of interfaces and processes, whose checks the kernel tells: the time is that since the fault."""

import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sidecar.core.health.result import CheckResult
from sidecar.plan.check import Check, LinkCheck, ProcessCheck
from tests.unit.checks.aftermath import aftermath, no_news
from tests.unit.checks.fault_table import FAIL, NEVER, PASS, Scenario, when
from tests.unit.checks.stage import Nginx, children, in_new_network, ip, nginx, running, state_of, wait_until

TOLD = 0.25
"""Less than every safety net: it was the kernel that told."""

# linux/sockios.h, linux/rtnetlink.h, linux/netlink.h
_SIOCSIFFLAGS = 0x8914
_RTM_DELLINK = 17
_NLM_F_REQUEST_ACK = 5


def set_down(interface: str) -> None:
    """The work of ip(8), without the time that it takes to start."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        fcntl.ioctl(asking, _SIOCSIFFLAGS, struct.pack("16sH22x", interface.encode(), 0))


def delete(interface: str) -> None:
    """The same for `ip link del`."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        body = struct.pack("=BxHiII", socket.AF_UNSPEC, 0, socket.if_nametoindex(interface), 0, 0)
        kernel.send(struct.pack("=IHHII", 16 + len(body), _RTM_DELLINK, _NLM_F_REQUEST_ACK, 1, 0) + body)
        assert struct.unpack_from("=i", kernel.recv(4096), 16) == (0,)


def link(change: Callable[[str], None], target: str) -> Scenario:
    """A check of a0, one end of a cable whose other end is b0, when one of them changes."""

    def work() -> CheckResult:
        ip("link", "add", "a0", "type", "veth", "peer", "name", "b0")
        ip("link", "set", "a0", "up")
        ip("link", "set", "b0", "up")
        with running([LinkCheck("link", "a0")]) as seen:
            seen.after(0, PASS)
            mark, since = len(seen.results), time.monotonic()
            change(target)
            return aftermath(seen, mark, since)

    return lambda _: in_new_network(work)


def absent(check: Check) -> Scenario:
    """A target that was never there. The time is that since the check began."""

    def work() -> CheckResult:
        since = time.monotonic()
        with running([check]) as seen:
            return aftermath(seen, 0, since)

    return lambda _: in_new_network(work)


when("link", "no carrier: the other end goes down", FAIL, "no carrier", TOLD)(link(set_down, "b0"))
when("link", "set down", FAIL, "the interface is down", TOLD)(link(set_down, "a0"))
when("link", "deleted", FAIL, "no such interface", TOLD)(link(delete, "a0"))
when("link", "does not exist", FAIL, "no such interface", TOLD)(absent(LinkCheck("it", "a0")))


NAME = f"flt{os.getpid()}"
"""Of a program that nothing else on this machine is."""


@contextmanager
def program(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([shutil.copy("/bin/sleep", folder / NAME), "60"])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


when("process", "does not exist", FAIL, "no such process", TOLD)(absent(ProcessCheck("it", NAME)))


@when("process", "killed", FAIL, "died", TOLD)
def killed(folder: Path) -> CheckResult:
    with program(folder) as process, running([ProcessCheck("process", NAME)]) as seen:
        seen.after(0, PASS)
        reaper = threading.Thread(target=process.wait)
        reaper.start()
        mark, since = len(seen.results), time.monotonic()
        os.kill(process.pid, signal.SIGKILL)
        result = aftermath(seen, mark, since)
        reaper.join()
        return result


@when("process", "killed, and a zombie that nobody reaps", FAIL, "died", TOLD)
def left_a_zombie(folder: Path) -> CheckResult:
    with program(folder) as process, running([ProcessCheck("process", NAME)]) as seen:
        seen.after(0, PASS)
        mark, since = len(seen.results), time.monotonic()
        os.kill(process.pid, signal.SIGKILL)
        result = aftermath(seen, mark, since)
        assert state_of(process.pid) == "Z"
        return result


@when("process", "was a zombie before the check began", FAIL, "no such process", TOLD)
def found_a_zombie(folder: Path) -> CheckResult:
    with program(folder) as process:
        os.kill(process.pid, signal.SIGKILL)
        wait_until(lambda: state_of(process.pid) == "Z")
        return absent(ProcessCheck("it", NAME))(folder)


@when("process", "stopped (SIGSTOP)", PASS, "runs", NEVER)
def stopped(folder: Path) -> CheckResult:
    with program(folder) as process:
        with running([ProcessCheck("process", NAME)]) as seen:
            seen.after(0, PASS)
            os.kill(process.pid, signal.SIGSTOP)
            no_news(seen, 1)
        assert state_of(process.pid) == "T"
        # Nor does a check that begins now see anything.
        with running([ProcessCheck("process", NAME)]) as seen:
            seen.after(0, PASS)
            return no_news(seen, 1)


_FIRST_THREAD_ENDS = f"""
import ctypes, pathlib, threading, time
pathlib.Path("/proc/self/comm").write_text("{NAME}")
threading.Thread(target=time.sleep, args=(60,)).start()
ctypes.CDLL(None).pthread_exit(None)
"""


@when("process", "its first thread has ended, others run", PASS, "runs", NEVER)
def first_thread_ended(_: Path) -> CheckResult:
    process = subprocess.Popen([sys.executable, "-c", _FIRST_THREAD_ENDS])
    try:
        wait_until(lambda: state_of(process.pid) == "Z")
        with running([ProcessCheck("process", NAME)]) as seen:
            seen.after(0, PASS)
            return no_news(seen, 1)
    finally:
        process.kill()
        process.wait()


@contextmanager
def nginx_of_two(folder: Path) -> Iterator[Nginx]:
    """An nginx called NAME whose two workers are there, and old enough to be known as orphans later."""
    with nginx(folder, str(shutil.copy("/usr/sbin/nginx", folder / NAME)), workers=2) as web:
        wait_until(lambda: len(children(web.pid)) == 2)
        time.sleep(0.1)
        yield web


@when("process", "nginx: the master killed, its workers live on", FAIL, "died", TOLD)
def master_killed(folder: Path) -> CheckResult:
    with nginx_of_two(folder) as web, running([ProcessCheck("process", NAME)]) as seen:
        seen.after(0, PASS)
        workers, mark, since = children(web.pid), len(seen.results), time.monotonic()
        web.signal(signal.SIGKILL)
        result = aftermath(seen, mark, since)
        assert seen.outcomes(mark) == {FAIL}
        assert "Z" not in [state_of(worker) for worker in workers]
        return result


@when("process", "nginx: a worker killed, the master starts another", PASS, "runs", NEVER)
def worker_killed(folder: Path) -> CheckResult:
    with nginx_of_two(folder) as web, running([ProcessCheck("process", NAME)]) as seen:
        seen.after(0, PASS)
        before = children(web.pid)
        os.kill(before[0], signal.SIGKILL)
        result = no_news(seen, 1)
        after = children(web.pid)
        assert len(after) == 2
        assert after != before
        return result


@when(
    "process",
    "nginx: the master was dead before the check began, its workers live on",
    FAIL,
    "only workers without their master run",
    TOLD,
)
def master_was_dead(folder: Path) -> CheckResult:
    with nginx_of_two(folder) as web:
        workers = children(web.pid)
        web.signal(signal.SIGKILL)
        wait_until(lambda: state_of(web.pid) == "Z")
        result = absent(ProcessCheck("it", NAME))(folder)
        assert "Z" not in [state_of(worker) for worker in workers]
        return result
