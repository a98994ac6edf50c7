"""The dns check against a real name server, and its decoder against everything else."""

import asyncio
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.checks.dns.message import TYPES, Answer, Question, belongs, decode, query
from sidecar.core.health.result import CheckResult, Outcome
from sidecar.plan.check import DnsCheck, RecordType
from sidecar.plan.endpoints import Endpoint
from tests.unit.checks.name_server import dnsmasq
from tests.unit.checks.stage import first_result

ZONE = (
    "--mx-host=example,mail.example,10",
    "--txt-record=web.example,two parts,of text",
    "--txt-record=dot.example,It ends here.",
    "--srv-host=_http._tcp.example,web.example,8080,1,2",
    "--cname=www.example,web.example",
    "--ptr-record=1.0.0.10.in-addr.arpa,web.example",
    "--txt-record=big.example," + ",".join(["x" * 200] * 12),
)
ANSWERS = [
    ("web.example", "A", ("10.0.0.1",), "answered 10.0.0.1"),
    ("WEB.example.", "A", (), "answered 10.0.0.1"),
    ("web.example", "AAAA", ("fd00::1",), "answered fd00::1"),
    ("web.example", "AAAA", ("FD00:0:0::1",), "answered fd00::1"),
    ("www.example", "A", (), "answered 10.0.0.1"),
    ("www.example", "CNAME", ("Web.Example.",), "answered web.example"),
    ("example", "MX", ("10 mail.example",), "answered 10 mail.example"),
    ("_http._tcp.example", "SRV", ("1 2 8080 web.example",), "answered 1 2 8080 web.example"),
    ("1.0.0.10.in-addr.arpa", "PTR", (), "answered web.example"),
    ("web.example", "TXT", ("two partsof text",), "answered two partsof text"),
    ("dot.example", "TXT", ("It ends here.",), "answered It ends here."),
]


@pytest.fixture(scope="module")
def name_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with dnsmasq(tmp_path_factory.mktemp("dns"), *ZONE) as port:
        yield Endpoint("127.0.0.1", port)


def ask(server: Endpoint, name: str, kind: str, expect: tuple[str, ...] = ()) -> CheckResult:
    check = DnsCheck("it", server, name, RecordType(kind), expect, timeout=1.0)
    return asyncio.run(first_result(check))


@pytest.mark.parametrize(("name", "kind", "expect", "detail"), ANSWERS)
def test_a_real_server_is_understood(
    name_server: Endpoint, name: str, kind: str, expect: tuple[str, ...], detail: str
) -> None:
    result = ask(name_server, name, kind, expect)
    assert (result.outcome, result.detail.rpartition(" in ")[0]) == (Outcome.PASS, detail)


def test_an_answer_that_does_not_fit_a_datagram_comes_over_tcp(name_server: Endpoint) -> None:
    result = ask(name_server, "big.example", "TXT", ("x" * 200 * 12,))
    assert result.outcome is Outcome.PASS
    assert result.detail.startswith("answered xxx")
    assert len(result.detail) < 250


def test_every_expected_value_must_be_there(name_server: Endpoint) -> None:
    result = ask(name_server, "web.example", "A", ("10.0.0.1", "10.0.0.2"))
    assert (result.outcome, result.detail) == (Outcome.FAIL, "answered 10.0.0.1, but not 10.0.0.2")
    assert ask(name_server, "example", "SOA").outcome is Outcome.FAIL


QUESTION = Question("web.example", "A")


def reply(*records: bytes, number: int = 7, question: Question = QUESTION) -> bytes:
    asked = query(number, question)
    return (
        asked[:2]
        + b"\x81\x80\0\1"
        + struct.pack("!H", len(records))
        + bytes(4)
        + asked[12:]
        + b"".join(records)
    )


def record(name: bytes, kind: str, data: bytes) -> bytes:
    return name + struct.pack("!HHIH", TYPES[kind], 1, 0, len(data)) + data


def test_only_the_answer_to_this_question_belongs() -> None:
    good = reply()
    assert belongs(good, 7, QUESTION)
    assert belongs(good.replace(b"web", b"WEB"), 7, QUESTION)
    assert not belongs(good, 8, QUESTION)
    assert not belongs(good, 7, Question("web.example", "AAAA"))
    assert not belongs(good, 7, Question("web.examplf", "A"))
    assert not belongs(query(7, QUESTION), 7, QUESTION)
    assert not any(belongs(good[:length], 7, QUESTION) for length in range(len(good)))


@pytest.mark.parametrize(
    "name",
    [
        (0xC000 + len(reply())).to_bytes(2, "big"),  # at itself
        (0xC000 + len(reply()) + 40).to_bytes(2, "big"),  # forwards
        b"\xff\xff",  # beyond the end
        b"\x40" + b"x" * 64 + b"\0",  # a label of 64
        b"\x3f" + (b"x" * 63 + b"\x3f") * 4 + b"x" * 63 + b"\0",  # 320 bytes
    ],
)
def test_a_name_that_breaks_the_rules_is_malformed(name: bytes) -> None:
    assert decode(reply(record(name, "A", b"\x0a\0\0\1")), QUESTION) == "the answer is malformed"


def test_compression_pointers_that_take_turns_end() -> None:
    at = len(reply())
    first = record(b"\1a" + (0xC000 + 12).to_bytes(2, "big"), "A", b"\x0a\0\0\1")
    chain = b"".join(
        record((0xC000 + at + 14 * number).to_bytes(2, "big"), "A", b"\x0a\0\0\1") for number in range(3)
    )
    assert decode(reply(first, chain), QUESTION) in (
        Answer("NOERROR", ("10.0.0.1", "10.0.0.1")),
        "the answer is malformed",
    )


@given(st.binary(max_size=600), st.sampled_from(sorted(TYPES)), st.integers(0, 0xFFFF))
def test_no_answer_raises(tail: bytes, kind: str, count: int) -> None:
    question = Question("web.example", kind)
    data = bytearray(reply(question=question) + tail)
    data[6:8] = count.to_bytes(2, "big")
    assert isinstance(decode(bytes(data), question), Answer | str)


@given(st.binary(max_size=64), st.sampled_from(sorted(TYPES)))
def test_no_record_raises(data: bytes, kind: str) -> None:
    question = Question("web.example", kind)
    assert isinstance(
        decode(reply(record(b"\xc0\x0c", kind, data), question=question), question), Answer | str
    )
