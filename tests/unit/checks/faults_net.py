"""Faults of targets of icmp and dns checks."""

import asyncio
import socket
import subprocess
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from sidecar.core.health.result import CheckResult
from sidecar.plan.check import Check, DnsCheck, IcmpCheck
from sidecar.plan.endpoints import Endpoint
from tests.unit.checks.fault_table import DEADLINE, FAIL, PASS, TIMEOUT, Scenario, refused, when
from tests.unit.checks.hostile import (
    Responder,
    udp_server,
)
from tests.unit.checks.name_server import dnsmasq
from tests.unit.checks.stage import (
    first_result,
    in_new_network,
    ip,
    server,
)


def ping(target: str, *rules: str, prepare: str = "", **more: Any) -> Scenario:
    """Ping in a network of its own; `rules` filter what comes in."""

    def scenario(_: Path) -> CheckResult:
        def work() -> CheckResult:
            ip("link", "set", "lo", "up")
            if prepare:
                ip(*prepare.split())
            if rules:
                script = "add table inet t; add chain inet t i { type filter hook input priority 0; };"
                script += "".join(f"add rule inet t i {rule};" for rule in rules)
                subprocess.run(["nft", script], check=True)
            return asyncio.run(first_result(IcmpCheck("it", ip_address(target), timeout=DEADLINE, **more)))

        return in_new_network(work)

    return scenario


LOSS = "meta l4proto { icmp, ipv6-icmp } @th,0,8 { 0, 129 } numgen inc mod 5 < 2 drop"
SILENCE = "meta l4proto { icmp, ipv6-icmp } drop"
when("icmp", "answers nothing (IPv4)", TIMEOUT, "no echo reply")(ping("127.0.0.1", SILENCE))
when("icmp", "answers nothing (IPv6)", TIMEOUT, "no echo reply")(ping("::1", SILENCE))
when("icmp", "no route", FAIL, "network is unreachable")(ping("10.9.9.2"))
when("icmp", "40 % loss, max_loss 40 %", PASS, "3 of 5 answered")(
    ping("127.0.0.1", LOSS, count=5, max_loss=40)
)
when("icmp", "40 % loss, max_loss 20 %", TIMEOUT, "3 of 5 echo replies, 4 are needed")(
    ping("::1", LOSS, count=5, max_loss=20)
)


def dns_check(port: int, name: str = "web.example", **more: Any) -> Check:
    return DnsCheck("it", Endpoint("127.0.0.1", port), name, timeout=DEADLINE, **more)


def over_dns(respond: Responder, **more: Any) -> Scenario:
    def scenario(_: Path) -> CheckResult:
        with udp_server(respond) as port:
            return asyncio.run(first_result(dns_check(port, **more)))

    return scenario


def dns_answer(query: bytes, *records: bytes, flags: bytes = b"\x81\x80") -> bytes:
    counts = b"\0\1" + len(records).to_bytes(2, "big") + bytes(4)
    return query[:2] + flags + counts + query[12:] + b"".join(records)


def a_record(address: str, name: bytes = b"\xc0\x0c") -> bytes:
    return name + b"\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(address)


def truncated(talk: bytes | None) -> Scenario:
    """UDP answers are cut; over TCP the server says `talk`, or nothing for ever."""

    def scenario(_: Path) -> CheckResult:
        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readexactly(2)
            if talk is None:
                await asyncio.Event().wait()
            writer.write(talk or b"")
            await writer.drain()

        async def work() -> CheckResult:
            async with server(handler) as port:
                with udp_server(lambda query: [dns_answer(query, flags=b"\x83\x80")], port):
                    return await first_result(dns_check(port))

        return asyncio.run(work())

    return scenario


def loops(query: bytes) -> list[bytes]:
    """A name that points at itself."""
    return [dns_answer(query, a_record("10.0.0.1", (0xC000 + len(query)).to_bytes(2, "big")))]


def foreign(query: bytes) -> list[bytes]:
    """Answers with another id, to another question, and no answers at all: what a forger can send."""
    wrong_id = bytes([query[0] ^ 1]) + query[1:]
    other = query[:13] + b"X" + query[14:]
    return [dns_answer(q, a_record("10.0.0.9")) for q in (wrong_id, other)] + [query, b"", b"\0" * 11]


when("dns", "port closed", FAIL, "connection refused")(refused(dns_check))
when("dns", "hung", TIMEOUT, "the server did not answer")(over_dns(lambda _: []))
when("dns", "forged answers only", TIMEOUT, "the server did not answer")(over_dns(foreign))
when("dns", "SERVFAIL", FAIL, "answered SERVFAIL")(
    over_dns(lambda query: [dns_answer(query, flags=b"\x81\x82")])
)
when("dns", "empty answer", FAIL, "has no A record")(over_dns(lambda query: [dns_answer(query)]))
when("dns", "wrong answer", FAIL, "answered 10.0.0.1, but not 10.0.0.2")(
    over_dns(lambda query: [dns_answer(query, a_record("10.0.0.1"))], expect=("10.0.0.2",))
)
when("dns", "compression loop", FAIL, "malformed")(over_dns(loops))
when("dns", "answer cut in the middle", FAIL, "malformed")(
    over_dns(lambda query: [dns_answer(query, a_record("10.0.0.1"))[:-2]])
)
when("dns", "truncated, and hangs over TCP", TIMEOUT, "did not answer over TCP")(truncated(None))
when("dns", "truncated, and closes TCP", FAIL, "closed the connection: no end of answer")(truncated(b"\0"))


@when("dns", "name does not exist (dnsmasq)", FAIL, "answered NXDOMAIN")
def nxdomain(folder: Path) -> CheckResult:
    with dnsmasq(folder) as port:
        return asyncio.run(first_result(dns_check(port, "absent.example")))
