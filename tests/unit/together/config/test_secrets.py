"""No message, no printed configuration and no hash shows what may be a secret, however it was mistyped.

Modules: config.concealed.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.cli.check_config import summary
from sidecar.config.load import parse
from sidecar.config.mistake import ConfigError
from sidecar.config.params import node_params, shared_hash

SECRET = "hunTer2"
HEAD = """\
virtual_routers:
  web:
    interface: eth0
    vrid: 51
    priority: 250
    version: 2
    addresses: [10.77.0.100]
"""
ENVIRON = {"VRRP_PASS": SECRET, "OTHER": "x"}


def said(text: str, environ: Mapping[str, str] = ENVIRON) -> str:
    """All that anybody is told about a file: mistakes, or warnings and whatever prints the configuration."""
    try:
        loaded = parse(text, "f.yaml", environ, "host-a")
    except ConfigError as error:
        return f"{error}\n{error!r}\n{error.mistakes}"
    params = node_params(loaded.config)
    words = [
        *map(str, loaded.warnings),
        repr(loaded),
        str(loaded.config),
        repr(params),
        summary(loaded.config),
    ]
    return "\n".join([*words, shared_hash(loaded.config), loaded.config.model_dump_json()])


@pytest.mark.parametrize(
    "auth",
    [
        "auth: {pass: hunTer2}",
        "auth: {pass: hunTer2-and-far-too-long}",
        'auth: {pass: "${VRRP_PASS}"}',
        'auth: {pass: "${VRRP_PASS}", hmac: "${VRRP_PASS}"}',
        'auth: {pass: "${UNSET:-hunTer2}", mode: x}',
        'auth: {pass: "hunTer2${UNSET}"}',
        'auth: {pass: "${hunTer2"}',
        'auth: {pass: "${hunTer2 }"}',
        'auth: {pass: "${OTHER:+hunTer2}"}',
        'auth: {pass: "${OTHER:-${hunTer2}}"}',
        "auth: hunTer2",
        "auth: [hunTer2]",
        "auth: {hunTer2: }",
        "auth: {hunTer2: 1}",
        "auth: {hunTer2: {hunTer2: hunTer2}}",
        'auth: {"pass:hunTer2": }',
        "auth: {pass:hunTer2}",
        "auth: {pas: hunTer2}",
        "auth: {password: hunTer2}",
        "auth: {pass: {hunTer2: 1}}",
        "auth: {pass: [hunTer2]}",
        'auth: {pass: "hunTer2\\0"}',
        "auth: {pass: !hunTer2 x}",
        "auth: {pass: !hunTer2!x y}",
        "auth: {pass: *hunTer2}",
        "auth: {pass: &hunTer2 }",
        "auth: {pass: hunTer2, pass: hunTer2}",
        "auth: {pass: hunTer2}\n    auth: {pass: hunTer2}",
        "auth: {mode: hunTer2}",
        "auth: {hmac: [{id: 1, key_file: /x}], mode: hunTer2}",
        "auth: {hmac: [{id: 1, key_file: /x}], window: hunTer2}",
        "auth: {hmac: [{id: hunTer2, key_file: /x}]}",
        "auth: {hmac: [{id: 1, key_file: hunTer2}]}",
        "auth: {hmac: [{id: 1, key_file: /hunTer2}]}",
        'auth: {hmac: [{id: 1, key_file: "/hunTer2\\0"}]}',
        "auth: {hmac: [{id: 1, key_file: [hunTer2]}]}",
        "auth: {hmac: [{id: 1, key: hunTer2}]}",
        "auth: {hmac: [{id: 1, hunTer2: 1}]}",
        "auth: {hmac: [hunTer2]}",
        "auth: {hmac: hunTer2}",
        "auth: {pass: &secret hunTer2}\n    source: *secret",
        "auth: &auth {pass: hunTer2}\n    unicast: *auth",
        "auth: {pass: &secret hunTer2, hmac: [*secret, *secret]}",
        "auth: {pass: &secret hunTer2}\ncontrol: {socket: *secret}",
        "auth:\n    pass: hunTer2",
        "auth:\n  pass: hunTer2",
        "auth:\npass: hunTer2",
        "pass: hunTer2",
        "pass:hunTer2",
        "{pass:hunTer2}",
        "auth_pass: hunTer2",
        "authentication: {auth_type: PASS, auth_pass: hunTer2}",
        "hmac: [{id: 1, key_file: hunTer2}]",
        "checks: [pass:hunTer2]",
        "auth: {pass: 'hunTer2}",
        "auth: {pass: hunTer2",
        "auth: {pass: @hunTer2}",
        "auth: {pass: `hunTer2}",
        "auth: {pass: %hunTer2}",
        "auth: {pass: hunTer2: x}",
        "auth: {pass: hunTer2 # }",
        'auth: {pass: "\\hunTer2"}',
        "auth: pass: hunTer2",
        "\tauth: {pass: hunTer2}",
    ],
)
def test_a_mistyped_secret_is_in_no_message(auth: str) -> None:
    assert SECRET not in said(f"{HEAD}    {auth}\n")


def test_the_name_of_a_variable_is_no_secret() -> None:
    assert "VRRP_PASS is not set" in said(HEAD + '    auth: {pass: "${VRRP_PASS}"}', {})


texts = st.sampled_from([SECRET, f"${{VRRP_PASS}} {SECRET}", f"/{SECRET}", f"pass:{SECRET}", "1", "5s", ""])
words = st.sampled_from(["pass", "hmac", "id", "key_file", "mode", "window", SECRET, f"pass:{SECRET}"])
subtrees = st.recursive(
    texts | st.none() | st.booleans() | st.integers(0, 300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=10,
)


@given(subtrees)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_stands_under_auth_is_in_no_message(auth: object) -> None:
    assert SECRET not in said(HEAD + "    auth: " + yaml.safe_dump(auth, default_flow_style=True))


CORRECT = HEAD + f"    auth:\n      pass: {SECRET}\n      mode: enforce\nchecks:\n  port: {{tcp: a:1}}\n"


@given(st.integers(0, len(CORRECT)), st.integers(0, 12), st.text("ab1 \n\t:-[]{}&*!|>'\"%@#?,$~", max_size=3))
@settings(max_examples=500, deadline=None)
def test_a_slip_of_the_editor_anywhere_in_the_file_shows_no_secret(at: int, cut: int, typed: str) -> None:
    """Some characters go, some come. What is cut may be a part of the secret, or what marks it as one."""
    text = CORRECT[:at] + typed + CORRECT[at + cut :]
    assert SECRET not in said(text)


def test_the_hash_that_hosts_compare_is_the_same_for_every_secret(tmp_path: Path) -> None:
    hashes = set()
    for secret in (b"1" * 32, b"2" * 64):
        (tmp_path / "key").write_bytes(secret)
        auth = f"auth: {{hmac: [{{id: 1, key_file: {tmp_path / 'key'}}}]}}"
        text = re.sub("version: 2", "version: 3", HEAD)
        hashes.add(shared_hash(parse(f"{text}    {auth}", "f", {}, "host-a").config))
    assert len(hashes) == 1
    passwords = {
        shared_hash(parse(f"{HEAD}    auth: {{pass: {p}}}", "f", {}, "a").config) for p in ("a", "b")
    }
    assert len(passwords) == 1
