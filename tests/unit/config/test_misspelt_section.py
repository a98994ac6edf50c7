"""A section whose name is misspelt is read, and its name is the only mistake."""

import pytest

from sidecar.config.load import parse
from sidecar.config.mistake import ConfigError

FILE = """\
virtual_routers:
  web: {interface: eth0, vrid: 51, priority: 250, addresses: [192.0.2.100/24], checks: [page]}
checks:
  page: {http: "http://127.0.0.1/"}
"""


def mistakes(text: str) -> list[tuple[int, str]]:
    with pytest.raises(ConfigError) as raised:
        parse(text, "f", {}, "host-a")
    return [(mistake.line, mistake.code) for mistake in raised.value.mistakes]


@pytest.mark.parametrize(
    "name", ["virtual_router", "virtual-routers", "virtualRouters", "routers", "'virtual_routers:'"]
)
def test_routers_under_another_name(name: str) -> None:
    assert mistakes(FILE.replace("virtual_routers", name)) == [(1, "unknown-key")]


@pytest.mark.parametrize("name", ["check", "chekcs", "health_checks"])
def test_checks_under_another_name_are_those_that_a_router_names(name: str) -> None:
    assert mistakes(FILE.replace("\nchecks", f"\n{name}")) == [(3, "unknown-key")]


def test_a_mistake_in_it_is_told_too() -> None:
    assert mistakes(FILE.replace("virtual_routers", "virtual_router").replace("51", "511")) == [
        (1, "unknown-key"),
        (2, "range"),
    ]


def test_a_section_that_is_there_is_not_made_twice() -> None:
    assert mistakes(FILE + "check:\n  other: {tcp: 'h:1', bogus: 1}\n") == [(5, "unknown-key")]


def test_a_secret_in_it_is_none_the_less() -> None:
    text = FILE.replace("virtual_routers", "virtual_router").replace(
        "]}\nchecks", "], auth: {pass: 5$x}}\nchecks"
    )
    with pytest.raises(ConfigError) as raised:
        parse(text, "f", {}, "host-a")
    assert "5$x" not in str(raised.value)
    assert "$x" not in str(raised.value)
