"""The parser of HTTP responses: right answers, and no input that hurts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.checks.http.head import MAX_HEAD
from sidecar.checks.http.reply import MAX_BODY, HttpReply, Waiting


def read(data: bytes, *, end: bool = True, piece: int = 1 << 30) -> HttpReply:
    reply = HttpReply()
    for start in range(0, len(data), piece):
        reply.feed(data[start : start + piece])
    if end:
        reply.end()
    return reply


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1 << 30])
@pytest.mark.parametrize(
    ("data", "status", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloxx", 200, b"hello"),
        (b"HTTP/1.0 404 Not Found\r\n\r\nuntil the end", 404, b"until the end"),
        (b"HTTP/1.1 200\nContent-Length:2\n\nok", 200, b"ok"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            200,
            b"abcde",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 204 No\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304, b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, b""),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: x, chunked\r\n\r\n1\r\nz\r\n0\r\n",
            200,
            b"z",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", 200, b"ok"),
    ],
)
def test_reads_every_framing_in_any_pieces(data: bytes, status: int, body: bytes, piece: int) -> None:
    reply = read(data, piece=piece)
    assert (reply.fault, reply.status, bytes(reply.body), reply.complete) == (None, status, body, True)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "closed the connection: no status line"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP/1"),
        (b"HTTP/2 200\r\n\r\n", "does not speak HTTP/1"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "the status line is malformed"),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n", "closed the connection: no end of headers"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "closed the connection: no end of body"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
            "the content length is malformed",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "the content length is malformed"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 4000 + b"\r\n\r\n",
            "the content length is malformed",
        ),
        (b"HTTP/1.1 200 OK\r\nA: " + b"x" * MAX_HEAD, f"headers are longer than {MAX_HEAD} bytes"),
        (b"HTTP/1.1 100 C\r\n\r\n" * 2000, f"headers are longer than {MAX_HEAD} bytes"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfoo\r\n", "a chunk size is no number"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 2000,
            "a chunk size line is too long",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
            "a chunk is longer than it says",
        ),
    ],
)
@pytest.mark.parametrize("piece", [1, 1 << 30])
def test_names_every_fault(data: bytes, fault: str, piece: int) -> None:
    assert read(data, piece=piece).fault == fault


def test_stops_at_the_body_cap() -> None:
    reply = read(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (MAX_BODY + 1), end=False)
    assert (len(reply.body), reply.waiting) == (MAX_BODY, Waiting.NOTHING)


_PIECES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from(
        [
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 100 C\r\n\r\n",
            b"Content-Length: 70000\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"\r\n",
            b"\n",
            b"ffff\r\n",
            b"5\r\nhello\r\n",
            b"0\r\n\r\n",
            b"x" * 9000,
        ]
    ),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=30), st.booleans())
def test_never_raises_and_never_needs_more_than_its_caps(pieces: list[bytes], http: bool) -> None:
    reply = HttpReply()
    for piece in [b"HTTP/1.1 200 OK\r\n"] * http + pieces:
        reply.feed(piece)
        assert len(reply.body) <= MAX_BODY
        assert len(reply._head) <= MAX_HEAD + 1
        assert reply._chunks is None or len(reply._chunks._line) <= 1025
    reply.end()
    assert reply.complete != (reply.fault is not None)


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=20), st.integers(1, 50))
def test_the_size_of_the_pieces_changes_nothing(pieces: list[bytes], size: int) -> None:
    data = b"HTTP/1.1 200 OK\r\n" + b"".join(pieces)
    whole, cut = read(data), read(data, piece=size)
    assert (whole.fault, whole.status, whole.body) == (cut.fault, cut.status, cut.body)
