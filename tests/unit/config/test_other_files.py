"""YAML of other programs is told in one sentence; beside routers it is removed, and the rest is examined."""

import pytest

from sidecar.config.load import parse
from sidecar.config.mistake import ConfigError
from sidecar.config.other_files import is_other_file

ROUTER = "virtual_routers: {web: {interface: eth0, vrid: 0, priority: 250, addresses: [10.0.0.100]}}\n"
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: '${UNSET}'}\n"
COMPOSE = "services: {nginx: {image: 'nginx:${UNSET}'}}\n"


def codes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        parse(text, "f", {}, "host-a")
    return [mistake.code for mistake in raised.value.mistakes]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (MANIFEST, "kubernetes-manifest"),
        (f"---\n{MANIFEST}---\n{MANIFEST}", "kubernetes-manifest"),
        ('{"apiVersion": "v1", "kind": "List"}', "kubernetes-manifest"),
        (COMPOSE, "compose-file"),
    ],
)
def test_one_sentence_tells_all_of_it(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(("text", "code"), [(MANIFEST, "kubernetes-manifest"), (COMPOSE, "compose-file")])
def test_beside_routers_it_hides_nothing_that_is_wrong_with_them(text: str, code: str) -> None:
    assert {code, "range"} <= set(codes(text + ROUTER))


def test_several_documents_are_refused_where_one_is_ours() -> None:
    assert codes(f"apiVersion: v1\n{ROUTER}---\n{MANIFEST}") == ["syntax"]
    assert not is_other_file(["virtual_routers", "apiVersion"])
