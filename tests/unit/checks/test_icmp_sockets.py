"""Sockets for echo requests that were handed over: shared by targets, and by runs at other times.

Modules: checks.kinds.icmp.
"""

import asyncio
import errno
import os
import socket
import time
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from sidecar.checks import icmp_sockets
from sidecar.checks.icmp_sockets import IcmpSockets, hear_only, open_socket
from sidecar.checks.kinds import icmp
from sidecar.checks.kinds.icmp import IcmpProbe, echo_request
from sidecar.checks.probe import Finding, ProbeProgress
from sidecar.core.health.result import Outcome

pytestmark = pytest.mark.netns

PATIENCE = 10.0


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[int, socket.socket]]:
    """One socket of each family, as the router hands them over. Returns a second view of each."""
    sockets, views = IcmpSockets(), {}
    for version in (4, 6):
        opened = open_socket(version)
        views[version] = socket.socket(fileno=os.dup(opened.fileno()))
        sockets.take(version, [opened.detach()])
    monkeypatch.setattr(icmp, "SOCKETS", sockets)
    yield views
    for version, view in views.items():
        view.close()
        asyncio.run(close(sockets, version))


async def close(sockets: IcmpSockets, version: int) -> None:
    async with sockets.lend(version) as lent:
        lent.close()


def ping(target: str, **more: int) -> Finding:
    async def once() -> Finding:
        async with asyncio.timeout(PATIENCE):
            return await IcmpProbe(ip_address(target), **more)(ProbeProgress())

    return asyncio.run(once())


def test_a_target_fixes_no_source_address_for_the_next_one(handed: dict[int, socket.socket]) -> None:
    for version, target, anywhere in ((4, "127.0.0.1", "0.0.0.0"), (6, "::1", "::")):
        assert ping(target, count=2) == Finding(Outcome.PASS, "2 of 2 answered")
        assert handed[version].getsockname()[0] == anywhere


def test_a_link_local_target_binds_no_interface_for_the_next_one(handed: dict[int, socket.socket]) -> None:
    assert ping("fe80::1%lo").detail == "network is unreachable"
    assert handed[6].getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16).rstrip(b"\0") == b""
    assert ping("::1").outcome is Outcome.PASS


@pytest.mark.parametrize(("version", "address"), [(4, ("127.0.0.1", 0)), (6, ("::1", 0, 0, 0))])
def test_answers_to_others_take_no_room(version: int, address: tuple[str, int]) -> None:
    ours, others = 0x1234, 0x4321
    with open_socket(version) as opened:
        opened.sendto(echo_request(version, ours, 1, b"before".ljust(16)), address)
        hear_only(opened, ours)
        for identifier in (others, ours):
            opened.sendto(echo_request(version, identifier, 2, b"after".ljust(16)), address)
        heard, deadline = b"", time.monotonic() + PATIENCE
        while b"after" not in heard and time.monotonic() < deadline:
            try:
                heard += opened.recv(2048)
            except BlockingIOError:
                time.sleep(0.01)
        assert heard.count(b"after") == 1
        assert ours.to_bytes(2, "big") in heard
        assert b"before" not in heard
        with pytest.raises(BlockingIOError):
            opened.recv(2048)


def test_a_request_that_cannot_be_sent_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refused(socket.socket):
        def sendto(self, *_: object) -> int:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    def refused(_: int) -> socket.socket:
        opened = Refused(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        opened.setblocking(False)
        return opened

    monkeypatch.setattr(icmp_sockets, "open_socket", refused)
    found = ping("127.0.0.1")
    assert (found.outcome, found.detail) == (
        Outcome.ERROR,
        "may not send: a firewall rule of this host drops echo requests",
    )
