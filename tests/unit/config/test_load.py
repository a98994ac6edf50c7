"""Loading as a whole: nothing but ConfigError comes out, whatever goes in."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sidecar.config.check.kinds import KINDS
from sidecar.config.load import load, parse
from sidecar.config.mistake import ConfigError
from sidecar.config.model import Config
from sidecar.config.plan import observer_plan
from sidecar.config.router.virtual_router import VirtualRouter
from sidecar.plan.check import ExecCheck, HttpCheck, ProcessCheck

ROUTER = "virtual_routers:\n  web: {interface: eth0, vrid: 51, priority: 250, addresses: [10.0.0.100]}\n"
WORDS = sorted(
    {*Config.model_fields, *VirtualRouter.model_fields, "auth", "pools", "web"}.union(
        *(model.model_fields for model in KINDS.values())
    )
)

values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=8),
        st.sampled_from(["1s", "10.0.0.1", "::1", "${A}", "${A:-1}", "eth0", "http://a/", "a:1", *WORDS]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)
    ),
    max_leaves=25,
)
files = st.fixed_dictionaries(
    {},
    optional={
        "virtual_routers": st.one_of(values, st.dictionaries(st.sampled_from(WORDS), values, max_size=3)),
        "checks": st.one_of(values, st.dictionaries(st.sampled_from(WORDS), values, max_size=3)),
        "http": values,
        "docker": values,
        "node": values,
        "x": values,
    },
)


UNHURRIED = settings(
    deadline=None,  # a busy machine is no mistake of the file
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def survives(text: str) -> None:
    try:
        parse(text, "f.yaml", {"A": "1"}, "host-a")
    except ConfigError as error:
        lines = str(error).split("\n")
        assert len(lines) == len(error.mistakes) > 0  # noqa: PT017
        assert all(" error[" in line or " warning[" in line for line in lines)


@given(st.text())
@UNHURRIED
def test_any_text(text: str) -> None:
    survives(text)


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@#?,. \n\t$~<\\uU0"))
@UNHURRIED
def test_any_text_of_yaml_punctuation(text: str) -> None:
    survives(text)


@given(files)
@UNHURRIED
def test_any_structure(content: object) -> None:
    survives(yaml.safe_dump(content))


@example({"addresses": "\n"})
@given(values)
@UNHURRIED
def test_any_router_and_check(content: object) -> None:
    survives(yaml.safe_dump({"virtual_routers": {"web": content}, "checks": {"probe": content}}))


@given(st.binary())
@UNHURRIED
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        load(path, {}, "host-a")


@pytest.mark.parametrize("node", ["", "node: ${NODE:-}\n", "node:\n", 'node: ""\n', "node: ${NODE}\n"])
def test_without_a_name_the_node_is_called_as_the_host(node: str) -> None:
    assert parse(node + ROUTER, "f", {"NODE": ""}, "host-a").config.node == "host-a"


def test_a_named_node() -> None:
    assert parse("node: ${NODE:-}\n" + ROUTER, "f", {"NODE": "12"}, "host-a").config.node == "12"


def test_absent_sections_have_their_defaults() -> None:
    config = parse(ROUTER, "f", {}, "host-a").config
    assert (config.http.listen.host, config.http.listen.port) == ("127.0.0.1", 9650)
    assert config.control.socket == Path("/run/vip-sidecar/control.sock")
    assert config.docker is None
    assert config.virtual_routers["web"].checks is None
    assert config.checks == {}


def test_empty_docker_section_is_the_local_engine() -> None:
    config = parse(ROUTER + "docker: {}\n", "f", {}, "host-a").config
    assert config.docker is not None
    assert config.docker.url == "unix:///var/run/docker.sock"


@pytest.mark.parametrize(
    "word", ["-0", "010", "1e3", "yes", "0x1f", "2026-01-01", "0644", "true", "1.50", "12:30"]
)
def test_what_a_program_or_a_server_gets_is_what_was_written(word: str) -> None:
    """`killall -0 nginx` must never become `killall 0 nginx`, which kills it."""
    checks = f"""
  a: {{exec: [/usr/bin/env, {word}, x{word}]}}
  b: {{http: "http://h/", headers: {{X-A: {word}}}, expect: {{body: {word}}}}}
  c: {{process: {word}}}"""
    a, b, c = observer_plan(parse(f"{ROUTER}checks:{checks}\n", "f", {}, "h").config).checks
    assert isinstance(a, ExecCheck)
    assert isinstance(b, HttpCheck)
    assert isinstance(c, ProcessCheck)
    assert a.argv == ("/usr/bin/env", word, f"x{word}")
    assert [(header.name, header.value) for header in b.headers] == [("X-A", word)]
    assert b.expect.body == word
    assert c.process == word


def test_merged_keys_count_where_the_mapping_has_none_of_its_own_and_the_first_of_several() -> None:
    text = (Path(__file__).parent / "good" / "merge-key.yaml").read_text()
    routers = parse(text, "f", {"PRIORITY": "250"}, "host-a").config.virtual_routers
    web, app = routers["web"], routers["app"]
    assert (web.interface, web.version, web.priority, web.preempt) == ("eth0", 3, 250, True)
    assert (app.interface, app.version, app.priority, app.preempt) == ("eth0", 2, 250, False)


def test_merges_of_merges_stay_bounded() -> None:
    lines = ["x-0: &a0 {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8}"]
    lines += [f"x-{n}: &a{n} [{', '.join(['{<<: *a' + str(n - 1) + '}'] * 9)}]" for n in range(1, 2)]
    lines += [f"y{n}: {{<<: *a1}}" for n in range(200)]
    with pytest.raises(ConfigError) as raised:
        parse("\n".join(lines) + "\n", "f", {}, "host-a")
    assert {mistake.code for mistake in raised.value.mistakes} == {"too-large"}
