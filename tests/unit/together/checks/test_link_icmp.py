"""The link and icmp checks on real interfaces, in network namespaces that end with the test.

Modules: checks.icmp_sockets, checks.interfaces, checks.kinds.link.
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.checks.icmp_sockets import IcmpSockets, open_socket
from sidecar.checks.kinds import icmp
from sidecar.checks.kinds.icmp import answers, echo_request
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.wire.checksum import internet_checksum
from sidecar.plan.check import IcmpCheck, LinkCheck
from tests.lateness import Lateness
from tests.unit.checks.stage import first_result, in_new_network, ip, results, wait_until

pytestmark = pytest.mark.netns


def pair() -> None:
    ip("link", "add", "a0", "type", "veth", "peer", "name", "b0")
    ip("link", "set", "a0", "up")
    ip("link", "set", "b0", "up")
    # The kernel tells of a carrier later, and of a second change of it not within a second of the first.
    wait_until(lambda: all(carries(each) for each in ("a0", "b0")))


def carries(interface: str) -> bool:
    told = subprocess.run(["ip", "-o", "link", "show", interface], check=True, capture_output=True, text=True)
    return " state UP " in told.stdout


def test_the_link_check_follows_the_kernel_at_once() -> None:
    def work() -> list[tuple[str, Outcome, bool, float]]:
        async def scenario() -> list[tuple[str, Outcome, bool, float]]:
            stream = results(LinkCheck("it", "a0"))
            seen = [await anext(stream)]
            times = [0.0]
            loop = asyncio.get_running_loop()
            for change in ("link set b0 down", "link set b0 up", "link set a0 down", "link del a0"):
                started = loop.time()
                await (await asyncio.create_subprocess_exec("ip", *change.split())).wait()
                seen.append(await anext(stream))
                times.append(loop.time() - started)
            await stream.aclose()  # type: ignore[attr-defined]
            return [(r.detail, r.outcome, r.decisive, t) for r, t in zip(seen, times, strict=True)]

        pair()
        return asyncio.run(scenario())

    seen = in_new_network(work)
    assert [row[:2] for row in seen] == [
        ("up with carrier", Outcome.PASS),
        ("no carrier", Outcome.FAIL),
        ("up with carrier", Outcome.PASS),
        ("the interface is down", Outcome.FAIL),
        ("no such interface", Outcome.FAIL),
    ]
    assert all(row[2] for row in seen)
    # Less than the safety net of 1 s: it was the kernel that told. Includes the run time of ip(8).
    assert max(row[3] for row in seen) < 0.5


def ask(target: str, prepare: Callable[[], None] = lambda: None, timeout: float = 0.3) -> CheckResult:
    def work() -> CheckResult:
        ip("link", "set", "lo", "up")
        prepare()
        return asyncio.run(first_result(IcmpCheck("it", ip_address(target), timeout=timeout)))

    return in_new_network(work)


@pytest.mark.parametrize("target", ["127.0.0.1", "::1"])
def test_echo_is_answered(target: str) -> None:
    result = ask(target)
    assert result.outcome is Outcome.PASS
    assert result.detail.startswith("answered in ")


def test_echo_that_nobody_answers_times_out() -> None:
    def prepare() -> None:
        pair()
        ip("addr", "add", "10.9.9.1/24", "dev", "a0")

    result = ask("10.9.9.2", prepare)
    assert (result.outcome, result.detail) == (Outcome.TIMEOUT, "no answer within 300 ms: no echo reply")


def test_a_link_local_target_is_reached_through_its_interface() -> None:
    def prepare() -> None:
        pair()
        for interface, address in (("a0", "fe80::1"), ("b0", "fe80::2")):
            ip("addr", "add", f"{address}/64", "dev", interface, "nodad")

    # A link that has just come up may lose the first neighbour solicitation; the kernel repeats it after 1 s.
    assert ask("fe80::2%a0", prepare, timeout=2.5).detail.startswith("answered in ")
    assert ask("fe80::2%gone", prepare).outcome is Outcome.FAIL


@pytest.mark.parametrize("target", ["10.9.9.2", "2001:db8::2"])
def test_no_route_is_a_failure_at_once(target: str) -> None:
    result = ask(target)
    assert (result.outcome, result.detail) == (Outcome.FAIL, "network is unreachable")


def test_a_socket_that_was_handed_over_outlives_the_addresses_of_this_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def work() -> list[str]:
        ip("link", "set", "lo", "up")
        pair()
        sockets, said = IcmpSockets(), []
        with open_socket(4) as opened:
            sockets.take(4, [opened.fileno()])
            monkeypatch.setattr(icmp, "SOCKETS", sockets)
            for own, target in (
                ("10.9.9.1", "127.0.0.1"),
                ("10.9.9.1", "10.9.9.2"),
                ("10.9.9.7", "10.9.9.2"),
            ):
                ip("addr", "flush", "dev", "a0")
                ip("addr", "add", f"{own}/24", "dev", "a0")
                result = asyncio.run(first_result(IcmpCheck("it", ip_address(target), timeout=0.3)))
                said.append(result.detail.partition(" in ")[0])

            async def leave() -> None:
                async with sockets.lend(4) as lent:
                    lent.detach()

            asyncio.run(leave())
        return said

    silent = "no answer within 300 ms: no echo reply"
    assert in_new_network(work) == ["answered", silent, silent]


_ASK = """
import asyncio, sys
from ipaddress import ip_address
from tests.lateness import Lateness
from sidecar.plan.check import IcmpCheck
from tests.unit.checks.stage import first_result
print(asyncio.run(first_result(IcmpCheck("it", ip_address(sys.argv[1])))).detail)
"""


@pytest.mark.parametrize("target", ["127.0.0.1", "::1"])
@pytest.mark.parametrize(("group_range", "detail"), [("0 0", "answered in"), ("1 0", "grant NET_RAW")])
def test_without_net_raw_a_ping_socket_is_used_where_allowed(
    target: str, group_range: str, detail: str
) -> None:
    def work() -> str:
        ip("link", "set", "lo", "up")
        Path("/proc/sys/net/ipv4/ping_group_range").write_text(group_range)
        command = [
            "setpriv",
            "--bounding-set",
            "-net_raw",
            "--inh-caps",
            "-net_raw",
            sys.executable,
            "-c",
            _ASK,
        ]
        done = subprocess.run([*command, target], check=True, capture_output=True, text=True, timeout=20)
        return done.stdout

    assert detail in in_new_network(work)


def test_only_the_answer_to_this_request_counts() -> None:
    token = b"t" * 16
    request = echo_request(4, 0x1234, 7, token)
    assert internet_checksum(request) == 0
    reply = b"\0" + request[1:]
    header = b"\x45" + bytes(19)
    assert answers(header + reply, 4, 0x1234, 7, token)
    assert answers(reply, 4, None, 7, token)
    assert not answers(header + request, 4, 0x1234, 7, token)
    assert not answers(header + reply, 4, 0x1235, 7, token)
    assert not answers(header + reply, 4, 0x1234, 8, token)
    assert not answers(header + reply, 4, 0x1234, 7, b"u" * 16)
    assert not answers(header + reply[:-1], 4, 0x1234, 7, token)


@given(st.binary(max_size=100), st.sampled_from([4, 6]), st.sampled_from([None, 1]))
def test_no_packet_raises(packet: bytes, version: int, identifier: int | None) -> None:
    assert not answers(packet, version, identifier, 1, b"t" * 16)


@pytest.mark.timing
def test_the_loop_lives_under_a_flood_of_foreign_replies(lateness: Lateness) -> None:
    def work() -> tuple[CheckResult, float]:
        ip("link", "set", "lo", "up")
        Path("/proc/sys/net/ipv4/icmp_echo_ignore_all").write_text("1")

        async def scenario() -> tuple[CheckResult, float]:
            loop = asyncio.get_running_loop()
            with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as sender:
                sender.connect(("127.0.0.1", 0))
                forged = b"\0" + echo_request(4, 1, 1, b"x" * 16)[1:]
                flooding = True

                def flood() -> None:
                    for _ in range(100):
                        sender.send(forged)
                    if flooding:
                        loop.call_soon(flood)

                flood()
                started = loop.time()
                result = await first_result(IcmpCheck("it", ip_address("127.0.0.1"), timeout=0.3))
                flooding = False
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                return result, loop.time() - started

        return asyncio.run(scenario())

    result, seconds = in_new_network(work)
    assert result.outcome is Outcome.TIMEOUT
    assert seconds < 0.5 + lateness()
