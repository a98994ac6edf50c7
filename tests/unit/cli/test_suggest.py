"""Words that do not exist are answered with those that may be meant."""

import pytest

from sidecar.cli.arguments import VERBS
from sidecar.cli.command_line import parsed
from sidecar.cli.suggest import OF_OTHERS


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("stats", "status"),
        ("statsu", "status"),
        ("STATUS", "status"),
        ("stat", "status"),
        ("undrian", "undrain"),
        ("chekc-config", "check-config"),
        ("check-conf", "check-config"),
        ("fail-over", "failover"),
        ("validate", "check-config"),
        ("logs", "events"),
        ("help", "--help"),
    ],
)
def test_a_verb_that_does_not_exist(typed: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed([typed, "-o", "json"])
    assert ended.value.code == 2
    assert f"there is no verb '{typed}'; did you mean `{meant}`?\n" in capsys.readouterr().err


def test_a_verb_that_resembles_none_is_answered_with_all(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(["xyzzy"])
    assert f"the verbs are {', '.join(VERBS)}\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["events", "--sinse", "1h"], "`events` has no option --sinse; did you mean `--since`?"),
        (["status", "--soket=/x"], "`status` has no option --soket; did you mean `--socket`?"),
        (["status", "--xyzzy"], "`status` has no option --xyzzy\n"),
        (["run", "now"], "`run` takes no 'now'"),
        (["cleanup", "--envfile", "x"], "did you mean `--env-file`?"),
    ],
)
def test_a_word_that_the_verb_does_not_take(
    typed: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(typed)
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith(f"usage: vip-sidecar {typed[0]}")
    assert said in told


def test_words_of_others_lead_to_verbs_and_are_none() -> None:
    assert set(OF_OTHERS.values()) <= {*VERBS, "--help"}
    assert not set(OF_OTHERS) & set(VERBS)


def test_what_exists_is_taken() -> None:
    assert parsed(["cleanup", "--env-file", "/x/.env", "-o", "json"]).env_file.name == ".env"
    assert str(parsed(["check-config"]).config) == "/etc/vip-sidecar/config.yaml"
