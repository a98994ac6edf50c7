"""Prometheus' list of targets: what is read, and what is said about a wrong one."""

import json

import pytest

from sidecar.cli.fleet.targets import MOST, Target, WrongTargets, read


def test_targets_have_their_place_and_a_port_of_their_own_or_ours() -> None:
    text = json.dumps(
        [
            {"targets": ["10.77.0.11:9650", "lb2:80"], "labels": {"cluster": "ams1", "site": "nl", "x": "y"}},
            {"targets": ["[2001:db8::1]:9651", "[2001:db8::2]", "lb9", "lb9"]},
        ]
    )
    assert read(text, "f") == (
        Target("10.77.0.11", 9650, "nl", "ams1"),
        Target("lb2", 80, "nl", "ams1"),
        Target("2001:db8::1", 9651, "", ""),
        Target("2001:db8::2", 9650, "", ""),
        Target("lb9", 9650, "", ""),
    )
    assert [each.address for each in read(text, "f")][2:4] == ["[2001:db8::1]:9651", "[2001:db8::2]:9650"]


@pytest.mark.parametrize("name", ["vips.yml", "vips.yaml"])
def test_yaml_is_read_as_prometheus_reads_it(name: str) -> None:
    text = """
- targets: [10.77.0.11:9650, "lb2:80"]
  labels: {cluster: 7, site: no}
- targets:
    - lb9  # without labels
"""
    assert read(text, name) == (
        Target("10.77.0.11", 9650, "no", "7"),
        Target("lb2", 80, "no", "7"),
        Target("lb9", 9650, "", ""),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "f.yml: there is no target in it"),
        ("\n", "f.yml: there is no target in it"),
        ("targets: [a]", "f.yml: it is no list"),
        ("- targets: a", "f.yml: [0]: it has no list `targets`"),
        ("- targets: [a]\n  labels:", "f.yml: [0]: `labels` is no mapping of texts"),
        ("- targets: [a b]", "f.yml: [0]: 'a b' is no target"),
        ("- targets: [a]\n  targets: [b]", "f.yml:2:3: this key is already on line 1"),
        ("- targets: [a", "f.yml:1:"),
        ("- !x {}", "f.yml:1:3: tags are not supported"),
        ("- &a [*a]", "f.yml:1:7: this alias has no complete anchor"),
        ("[" * 100_000, "f.yml:1:22: nested deeper"),
    ],
)
def test_wrong_yaml_is_named_with_its_place(text: str, said: str) -> None:
    with pytest.raises(WrongTargets) as told:
        read(text, "f.yml")
    assert str(told.value).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "f: this is no JSON"),
        ("- targets: [a]", "f: this is no JSON"),
        ("[" * 100_000, "f: this is no JSON"),
        ("{}", "f: it is no list"),
        ("[]", "f: there is no target in it"),
        ('[{"targets": []}]', "f: there is no target in it"),
        ('[{"targets": ["a"]}, 7]', "f: [1]: it has no list `targets`"),
        ('[{"targets": "a"}]', "f: [0]: it has no list `targets`"),
        ('[{"targets": ["a"], "labels": {"cluster": 7}}]', "f: [0]: `labels` is no mapping of texts"),
        ('[{"targets": ["a"], "labels": ["x"]}]', "f: [0]: `labels` is no mapping of texts"),
        *(
            (json.dumps([{"targets": [wrong]}]), f"f: [0]: {wrong!r} is no target")
            for wrong in (
                *("", 7, None, "a:0", "a:65536", "a:x", "a:\u0661", ":80", "http://a:80", "a b", "a\n"),
                *("u@h:80", "2001:db8::1", "[10.77.0.1]:80", "a" * 254),
            )
        ),
        (json.dumps([{"targets": [f"h{n}" for n in range(MOST + 1)]}]), f"f: {MOST + 1} targets"),
    ],
)
def test_a_wrong_file_is_named_with_the_place_and_what_to_write(text: str, said: str) -> None:
    with pytest.raises(WrongTargets) as told:
        read(text, "f")
    assert str(told.value).startswith(said)


def test_labels_cannot_write_to_the_terminal() -> None:
    text = json.dumps([{"targets": ["a"], "labels": {"cluster": "\x1b[31mred\u202e"}}])
    (target,) = read(text, "f")
    assert target.cluster == "?[31mred?"
