"""The text that nginx loads: the whole of it, what it says about itself, and what cannot get into it."""

from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.pool.upstream import Mode, Upstream, UpstreamServer
from sidecar.core.pool.upstream_file import digest, read, render, token
from tests.unit.core.pool.pool_stage import ONE, THREE, TWO, params

LINEUP = Upstream(
    Mode.NORMAL,
    (
        UpstreamServer(ONE, 4, serves=True),
        UpstreamServer(TWO, 1, serves=True),
        UpstreamServer(THREE, 1, serves=False, note="http: status 500"),
    ),
)
WHOLE = """\
# Written by vip-sidecar, and written anew with every change: edit its configuration instead.
# pool app generation 7 digest {digest}
upstream app {{
    least_conn;
    keepalive 16;
    server 10.0.0.21:8080 weight=4 max_fails=1;
    server 10.0.0.22:8080 max_fails=1;
    server 10.0.0.23:8080 max_fails=1 down; # http: status 500
}}
server {{
    listen 127.0.0.1:9651;
    server_name app.pool;
    access_log off;
    default_type text/plain;
    return 200 "app 7 {digest};\\n";
}}
"""
OPTIONS = params(options=("least_conn", "keepalive 16"), server_options=("max_fails=1",))


def test_the_whole_file() -> None:
    assert render(OPTIONS, LINEUP, 7) == WHOLE.format(digest=digest(OPTIONS, LINEUP))


def test_it_says_who_it_is_and_who_gets_requests() -> None:
    found = read(render(OPTIONS, LINEUP, 7), OPTIONS)
    assert found is not None
    assert (found.generation, found.digest) == (7, digest(OPTIONS, LINEUP))
    assert found.in_service == {ONE, TWO}


def test_a_file_of_somebody_else_or_of_another_pool_is_not_ours() -> None:
    assert read("upstream app { server 10.0.0.21:8080; }", OPTIONS) is None
    other = render(OPTIONS, LINEUP, 7).replace("# pool app ", "# pool other ")
    assert read(other, OPTIONS) is None


def test_the_sorry_server_stands_alone_in_service() -> None:
    places = tuple(UpstreamServer(address, 1, serves=False) for address in (ONE, TWO))
    text = render(OPTIONS, Upstream(Mode.SORRY, places, "127.0.0.1:8099"), 1)
    # Whatever the servers have: a visitor whose page fails must not take the last one from everybody.
    assert "    server 127.0.0.1:8099 max_fails=0;" in text.splitlines()
    found = read(text, OPTIONS)
    assert found is not None
    assert found.in_service == {"127.0.0.1:8099"}


def test_the_digest_is_of_what_nginx_does_and_not_of_notes_and_numbers() -> None:
    other = Upstream(
        LINEUP.mode, (*LINEUP.places[:2], UpstreamServer(THREE, 1, serves=False, note="tcp: refused"))
    )
    assert digest(OPTIONS, other) == digest(OPTIONS, LINEUP)
    back = Upstream(LINEUP.mode, (*LINEUP.places[:2], UpstreamServer(THREE, 1, serves=True)))
    assert digest(OPTIONS, back) != digest(OPTIONS, LINEUP)
    assert digest(params(options=("ip_hash",)), LINEUP) != digest(OPTIONS, LINEUP)


def test_no_token_is_contained_in_another() -> None:
    tokens = [token(params(), number, "0" * 12) for number in (1, 11, 111, 1110)]
    assert not [(a, b) for a in tokens for b in tokens if a != b and a in b]


@given(note=st.text(max_size=200))
def test_no_note_can_become_configuration(note: str) -> None:
    lineup = Upstream(
        Mode.NORMAL, (UpstreamServer(ONE, 1, serves=True), UpstreamServer(TWO, 1, serves=False, note=note))
    )
    plain = Upstream(Mode.NORMAL, (UpstreamServer(ONE, 1, serves=True), UpstreamServer(TWO, 1, serves=False)))
    stripped = [line.split(" #")[0] for line in render(params(), lineup, 1).splitlines()]
    assert stripped[2:] == render(params(), plain, 1).splitlines()[2:]
