"""The link check: the interface is up and has a carrier. Told by the kernel, so it needs no polling."""

import asyncio
import errno
import fcntl
import os
import socket
import struct
from contextlib import ExitStack, closing
from typing import Final

from sidecar.checks.interfaces import names_of
from sidecar.checks.probe import Report, Tools, Watch
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import LinkCheck

# linux/rtnetlink.h, linux/sockios.h, linux/if.h
_RTMGRP_LINK: Final = 1
_SIOCGIFFLAGS: Final = 0x8913
_IFF_UP: Final = 0x1
_IFF_RUNNING: Final = 0x40
_IFREQ: Final = struct.Struct("16sH22x")

_SAFETY_NET: Final = 1.0
"""Seconds after which the flags are read without having been told to: netlink may lose messages."""


def build(check: LinkCheck, tools: Tools) -> Watch:  # noqa: ARG001 - every builder has this form
    """Return the watch of a link check."""
    return LinkWatch(check.interface)


class LinkWatch:
    """Reports the first state and every change. All results are facts."""

    def __init__(self, interface: str) -> None:
        self._interface = interface

    async def run(self, report: Report) -> None:
        """Report until cancelled. Raise OSError when the kernel gives no netlink socket."""
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        last: CheckResult | None = None
        with ExitStack() as stack:
            news = stack.enter_context(closing(_netlink()))
            asking = stack.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
            loop.add_reader(news, _drain, news, changed)
            stack.callback(loop.remove_reader, news)
            while True:
                changed.clear()
                result = read_link(asking, self._interface)
                if result != last:
                    report(result)
                    last = result
                try:
                    async with asyncio.timeout(_SAFETY_NET):
                        await changed.wait()
                except TimeoutError:
                    continue


def read_link(asking: socket.socket, interface: str) -> CheckResult:
    """Return the state of the interface, asked through any IPv4 socket of its network namespace.

    Of several that carry the same network the best one counts.
    """
    try:
        results = [_read_one(asking, name) for name in names_of(asking, interface)]
    except OSError as error:
        return CheckResult(Outcome.ERROR, f"the check could not run: {error.strerror}", decisive=True)
    passed = [result for result in results if result.outcome is Outcome.PASS]
    return next(iter(passed or results), CheckResult(Outcome.FAIL, "no such interface", decisive=True))


def _read_one(asking: socket.socket, name: str) -> CheckResult:
    request = _IFREQ.pack(os.fsencode(name)[:15], 0)
    try:
        _, flags = _IFREQ.unpack(fcntl.ioctl(asking, _SIOCGIFFLAGS, request))
    except OSError as error:
        if error.errno == errno.ENODEV:
            return CheckResult(Outcome.FAIL, "no such interface", decisive=True)
        return CheckResult(Outcome.ERROR, f"the check could not run: {error.strerror}", decisive=True)
    if not flags & _IFF_UP:
        return CheckResult(Outcome.FAIL, "the interface is down", decisive=True)
    if not flags & _IFF_RUNNING:
        return CheckResult(Outcome.FAIL, "no carrier", decisive=True)
    return CheckResult(Outcome.PASS, "up with carrier", decisive=True)


def _netlink() -> socket.socket:
    news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    try:
        news.setblocking(False)
        news.bind((0, _RTMGRP_LINK))
    except OSError:
        news.close()
        raise
    return news


def _drain(news: socket.socket, changed: asyncio.Event) -> None:
    # Level triggered: what is left after a few reads wakes the loop again.
    for _ in range(32):
        try:
            news.recv(65536)
        except BlockingIOError:
            break
        except OSError:
            continue  # ENOBUFS: messages were lost, and the flags are read anyway
    changed.set()
