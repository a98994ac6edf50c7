"""The line that is proposed is one that the key takes, and shows no secret."""

import pytest
import yaml

from sidecar.config.concealed import Concealed
from sidecar.config.load import parse
from sidecar.config.mistake import ConfigError
from sidecar.config.proposal import list_of, written

ROUTER = "virtual_routers:\n  web: {interface: eth0, vrid: 51, priority: 250, addresses: [192.0.2.100/24]}\n"


def proposed(text: str) -> str:
    """What the only mistake in a file proposes to write."""
    with pytest.raises(ConfigError) as raised:
        parse(text, "f", {}, "host-a")
    (mistake,) = raised.value.mistakes
    return mistake.message.split("write `")[1].removesuffix("`")


@pytest.mark.parametrize(
    "line",
    [
        "nodes: http://10.0.0.1:9650, http://10.0.0.2:9650",
        "nodes: {lb1: http://10.0.0.1:9650}",
        "nodes: 10.0.0.1:9650, 10.0.0.2",
        "log: debug",
        "log: json",
        "state: /var/lib/vip-sidecar",
        "http: 9650",
        "http: 0.0.0.0:9650",
        "docker: /run/docker-proxy/docker.sock",
        "checks: {a: {tcp: h:1, rise: 2}}\nlog: error",
    ],
)
def test_a_section_as_it_is_proposed_is_accepted(line: str) -> None:
    *before, wrong = line.split("\n")
    text = "\n".join([ROUTER, *before])
    parse(f"{text}\n{proposed(f'{text}{chr(10)}{wrong}{chr(10)}')}\n", "f", {}, "host-a")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("unicast", "[192.0.2.11, 192.0.2.12]"),
        ("unicast", "192.0.2.11 192.0.2.12"),
        ("checks", "a b"),
    ],
)
def test_a_key_of_a_router_as_it_is_proposed_is_accepted(key: str, value: str) -> None:
    def text(line: str) -> str:
        return f"{ROUTER.rstrip()[:-1]}, {line}}}\nchecks: {{a: {{tcp: 'h:1'}}, b: {{tcp: 'h:2'}}}}\n"

    parse(text(proposed(text(f"{key}: {value}"))), "f", {}, "host-a")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("exec", "/bin/sh -c 'a, b'", ["/bin/sh", "-c", "a, b"]),
        ("post_acquire", "/etc/a.sh one", ["/etc/a.sh", "one"]),
        ("addresses", "192.0.2.1/24\n192.0.2.2/24\n", ["192.0.2.1/24", "192.0.2.2/24"]),
        ("addresses", "\uff3b192.0.2.1/24\uff0c192.0.2.2/24\uff3d", ["192.0.2.1/24", "192.0.2.2/24"]),
        ("options", "keepalive 16", ["keepalive 16"]),
        ("exec", {"command": "/bin/true"}, ["/bin/true"]),
    ],
)
def test_a_list_is_proposed_with_the_entries_that_were_meant(
    key: str, value: object, words: list[str]
) -> None:
    assert yaml.safe_load(list_of(key, value).split("`")[1]) == {key: words}


def test_a_dollar_stays_a_dollar() -> None:
    assert list_of("exec", "/bin/sh -c 'echo $X'") == 'write `exec: [/bin/sh, -c, "echo $$X"]`'


@pytest.mark.parametrize(
    "value", [Concealed("geheim"), ["a", Concealed("geheim")], "pass: geheim", "x" * 61, []]
)
def test_no_secret_and_nothing_long_is_repeated(value: object) -> None:
    assert written(value) == "..."


def test_a_value_that_no_key_takes_is_not_proposed() -> None:
    assert proposed(f"{ROUTER}http: false\n") == "http: {listen: ...}"
    assert proposed(f"{ROUTER}docker: true\n") == "docker: {url: ...}"
