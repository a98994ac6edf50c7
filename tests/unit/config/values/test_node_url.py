"""Where the status of another host is read."""

import pytest

from sidecar.config.load import parse
from sidecar.config.mistake import ConfigError
from sidecar.config.plan import observer_plan
from sidecar.plan.endpoints import Endpoint

FILE = "virtual_routers:\n  web: {interface: eth0, vrid: 51, priority: 250, addresses: [192.0.2.100]}\n"


def nodes(value: str) -> tuple[Endpoint, ...]:
    return observer_plan(parse(f"{FILE}nodes: {value}\n", "f", {}, "a").config).nodes


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://10.77.0.12:9650", Endpoint("10.77.0.12", 9650)),
        ("http://10.77.0.12:9650/", Endpoint("10.77.0.12", 9650)),
        ("http://lb2.example:9650/status.json", Endpoint("lb2.example", 9650)),
        ("http://[fd77::12]:9650", Endpoint("fd77::12", 9650)),
        ("http://lb2", Endpoint("lb2", 80)),
    ],
)
def test_the_url_of_a_status_server_is_an_endpoint(url: str, endpoint: Endpoint) -> None:
    assert nodes(f'["{url}"]') == (endpoint,)


def test_there_are_none_by_default_and_each_counts_once() -> None:
    assert nodes("[]") == ()
    assert nodes('["http://b:9650", "http://b:9650/"]') == (Endpoint("b", 9650),)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (
            '["https://b:9650"]',
            "error[node-url]: nodes[0]: 'https://b:9650' is https; write http://b:9650",
        ),
        ('["unix:/run/a.sock"]', "is a socket of this host"),
        ('["http://[::1]:9650/metrics"]', "has a path; write http://[::1]:9650 alone"),
        ('["10.77.0.12:9650"]', "is no URL; write http://10.77.0.12:9650"),
        ("[10.77.0.12]", "'10.77.0.12' is no URL; write http://10.77.0.12:9650"),
        ("[lb2]", "'lb2' is no URL; write http://lb2:9650"),
        ("http://b:9650", "stands where a list belongs; write `nodes: [http://b:9650]`"),
        (str([f"http://b{n}:1" for n in range(17)]), "this has 17 entries; write at most 16"),
    ],
)
def test_anything_else_is_answered_with_what_to_write(value: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        nodes(value)
    assert said in str(refused.value.mistakes[0])
