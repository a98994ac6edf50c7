"""Every scalar: what is accepted and what it becomes, what is refused under which code."""

from collections.abc import Callable
from ipaddress import ip_address, ip_interface
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretBytes
from pydantic_core import PydanticCustomError

from sidecar.config.mistake import Bare
from sidecar.config.values import (
    container,
    durations,
    endpoints,
    interface,
    scalars,
)
from sidecar.plan.container import ContainerSelection
from sidecar.plan.endpoints import Endpoint, HttpUrl

ACCEPTED: list[tuple[Callable[[object], object], object, object]] = [
    (durations.seconds, "10ms", 0.01),
    (durations.seconds, "70ms", 0.07),
    (durations.seconds, "1s", 1.0),
    (durations.seconds, "1.5s", 1.5),
    (durations.seconds, "2m", 120.0),
    (durations.seconds, "1h", 3600.0),
    (durations.seconds, "0s", 0.0),
    (durations.seconds, 0.25, 0.25),
    (scalars.whole, 51, 51),
    (scalars.whole, "51", 51),
    (scalars.whole, "-20", -20),
    (scalars.flag, True, True),
    (scalars.flag, "false", False),
    (scalars.text, "web", "web"),
    (scalars.text, "-0", "-0"),
    (scalars.host_address, "10.77.0.1", ip_address("10.77.0.1")),
    (scalars.host_address, "2001:db8::1", ip_address("2001:db8::1")),
    (scalars.vip, "10.77.0.100", ip_interface("10.77.0.100/32")),
    (scalars.vip, "10.77.0.100/24", ip_interface("10.77.0.100/24")),
    (scalars.vip, "2001:db8::100", ip_interface("2001:db8::100/128")),
    (scalars.password, "secret", SecretBytes(b"secret")),
    (scalars.password, "clé", SecretBytes("clé".encode())),
    (scalars.password, "\udce9", SecretBytes(b"\xe9")),
    (scalars.password, " ", SecretBytes(b" ")),
    (interface.interface, "eth0.100", "eth0.100"),
    (interface.interface, "x" * 127, "x" * 127),
    (interface.interface, "10.77.0.0/24", "10.77.0.0/24"),
    (interface.interface, "10.77.0.11/32", "10.77.0.11"),
    (interface.interface, "FD77::/64", "fd77::/64"),
    (container.container_selection, "nginx-a", ContainerSelection("nginx-a")),
    (container.container_selection, {"label": "a.b=c d"}, ContainerSelection(labels=("a.b=c d",))),
    (container.container_selection, {"label": ["a=b", "c"]}, ContainerSelection(labels=("a=b", "c"))),
    (scalars.status_ranges, "200", ((200, 200),)),
    (scalars.status_ranges, "200-399", ((200, 399),)),
    (scalars.status_ranges, "200, 301-302", ((200, 200), (301, 302))),
    (scalars.status_ranges, ["204", "301-302"], ((204, 204), (301, 302))),
    (endpoints.endpoint, "127.0.0.1:8088", Endpoint("127.0.0.1", 8088)),
    (endpoints.endpoint, "web_1.example:65535", Endpoint("web_1.example", 65535)),
    (endpoints.endpoint, "[::1]:1", Endpoint("::1", 1)),
    (endpoints.http_url, "http://127.0.0.1:8088/", HttpUrl(False, "127.0.0.1", 8088, "/")),
    (endpoints.http_url, "http://web", HttpUrl(False, "web", 80, "/")),
    (endpoints.http_url, "https://web/a?b=c", HttpUrl(True, "web", 443, "/a?b=c")),
    (endpoints.http_url, "http://web?x", HttpUrl(False, "web", 80, "/?x")),
    (endpoints.http_url, "https://[::1]", HttpUrl(True, "::1", 443, "/")),
    (endpoints.http_url, "https://[::1]:8443/x", HttpUrl(True, "::1", 8443, "/x")),
    (endpoints.http_url, "http://[fe80::1%eth0]/", HttpUrl(False, "fe80::1%eth0", 80, "/")),
    (endpoints.http_url, "http://[fe80::1%25eth0]:81/%25", HttpUrl(False, "fe80::1%eth0", 81, "/%25")),
    (endpoints.http_url, "unix:/run/n.sock:/up", HttpUrl(False, "localhost", 80, "/up", "/run/n.sock")),
    (endpoints.http_url, "unix:/run/n.sock", HttpUrl(False, "localhost", 80, "/", "/run/n.sock")),
    (endpoints.socket_path, "/" + "x" * 106, Path("/" + "x" * 106)),
    (endpoints.engine_url, "unix:///var/run/docker.sock", "unix:///var/run/docker.sock"),
    (endpoints.engine_url, "tcp://proxy:2375", "tcp://proxy:2375"),
]

REFUSED: list[tuple[Callable[[object], object], str, list[object]]] = [
    (
        durations.seconds,
        "duration",
        [
            1,
            0,
            True,
            "1",
            "1.5",
            "-1s",
            "1 s",
            "1d",
            "s",
            "1.s",
            "1e3s",
            "\u0661s",
            "1s\n",
            "",
            "9" * 10 + "s",
        ],
    ),
    (scalars.whole, "type", ["true", "051", "1.0", "0x10", "", "9" * 19, [1], "1\n"]),
    (scalars.flag, "type", ["yes", "on", "True", 1, 0, "", []]),
    (scalars.text, "type", ["", True, [], {}]),
    (
        scalars.host_address,
        "address",
        ["10.0.0.1/32", "10.0.0.256", "010.0.0.1", "eth0", "fe80::1%eth0", 167772161],
    ),
    (
        scalars.vip,
        "address",
        ["10.0.0.1/33", "10.0.0.1/", "10.0.0.1/255.0.0.0", "", 1, "fe80::1%eth0/64", "1.2.3.4/-1"],
    ),
    (scalars.password, "password", ["", "a\0b", "\ud800", 5, True, None, ["secret"]]),
    (interface.interface, "interface", ["x" * 128, "a/b", "a b", "a:b", ".", "..", "é" * 64]),
    (interface.interface, "interface", ["10.77.0.11/24", "10.77.0.256", "10.77.0.0/33", "fe80::/64"]),
    (interface.interface, "interface", ["0.0.0.0/0", "127.0.0.1", "224.0.0.18", "::"]),
    (interface.interface, "type", ["", True]),
    (
        container.container_selection,
        "container",
        [
            *("/nginx", "-a", "a b", "a\n", {}, {"name": "nginx"}, {"label": "a=b", "name": "x"}),
            *({"label": []}, {"label": "=b"}, {"label": ["a=b"] * 9}, {"label": "a=b\n"}),
        ],
    ),
    (
        scalars.status_ranges,
        "status",
        [99, 600, "", "ok", "200-", "399-200", [], ["200", "x"], {}, True, "200,,201"],
    ),
    (
        endpoints.endpoint,
        "endpoint",
        [
            8088,
            "web",
            "web:",
            ":80",
            "web:0",
            "web:65536",
            "web:http",
            "::1:80",
            "[::1]",
            "[x]:80",
            "1.2.3:80",
            "a b:1",
        ],
    ),
    (
        endpoints.http_url,
        "url",
        [1, "web", "ftp://a/", "http:/a", "http://a/#f", "http://u@a/", "http://a/b c", "unix:a"],
    ),
    (endpoints.http_url, "endpoint", ["http://", "http:///x", "http://a:0/", "http://[::z]/", "http://a:b/"]),
    (endpoints.socket_path, "path", ["run/x", "", 1, "/" + "x" * 107, "/a\0b"]),
    (endpoints.engine_url, "url", ["/var/run/docker.sock", "ssh://host", 1]),
]


@pytest.mark.parametrize(("parse", "value"), [(parse, value) for parse, _, value in ACCEPTED])
def test_a_finished_value_stays_itself(parse: Callable[[object], object], value: object) -> None:
    assert parse(value) == value


@pytest.mark.parametrize(("parse", "spelling", "value"), ACCEPTED)
def test_accepted(parse: Callable[[object], object], spelling: object, value: object) -> None:
    assert parse(spelling) == value
    assert type(parse(spelling)) is type(value)


@pytest.mark.parametrize(
    ("parse", "code", "spelling"),
    [(parse, code, spelling) for parse, code, spellings in REFUSED for spelling in spellings],
)
def test_refused(parse: Callable[[object], object], code: str, spelling: object) -> None:
    with pytest.raises(PydanticCustomError) as raised:
        parse(spelling)
    assert raised.value.type == code
    assert "\n" not in raised.value.message()


def test_a_bare_number_is_told_its_unit() -> None:
    with pytest.raises(PydanticCustomError, match="5 has no unit; write 5s or 5ms"):
        durations.seconds(Bare("5"))


@given(st.integers(min_value=1, max_value=4095))
@settings(deadline=None)
def test_every_centisecond_of_the_packet_can_be_written_in_milliseconds(centiseconds: int) -> None:
    assert durations.seconds(f"{centiseconds * 10}ms") == centiseconds / 100


@pytest.mark.parametrize("parse", list(dict.fromkeys(parse for parse, _, _ in REFUSED)))
@given(value=st.one_of(st.text(), st.integers(), st.booleans(), st.lists(st.text(), max_size=3)))
@settings(deadline=None)
def test_a_parser_raises_nothing_but_its_own_error(parse: Callable[[object], object], value: object) -> None:
    try:
        parse(value)
    except PydanticCustomError as error:
        assert error.message()  # noqa: PT017
