"""`check-config` in the formats and with the options that scripts use."""

import json
from pathlib import Path
from typing import Any

import pytest

from sidecar.cli.command_line import execute

FILE = """\
virtual_routers:
  web: {interface: lo, vrid: 51, priority: "${PRIORITY:?250 or 240}", addresses: [127.0.0.100], hosts: 3}
"""
GOOD = FILE.replace("127.0.0.100", "192.0.2.100").replace(", hosts: 3", "")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PRIORITY", raising=False)
    path = tmp_path / "config.yaml"
    path.write_text(GOOD)
    return path


def as_json(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = execute(["check-config", "-o", "json", *words])
    out, err = capsys.readouterr()
    assert err == ""
    return code, json.loads(out)


def test_variables_of_the_env_file_come_before_those_of_the_environment(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    env = file.parent / ".env"
    env.write_text("PRIORITY=240\n")
    assert execute(["check-config", "-c", str(file)]) == 2
    assert "PRIORITY is not set or empty; set it: 250 or 240" in capsys.readouterr().err
    for _ in range(2):
        assert execute(["check-config", "-c", str(file), "--env-file", str(env)]) == 0
        assert "priority 240" in capsys.readouterr().out
        monkeypatch.setenv("PRIORITY", "250")


def test_a_variable_that_is_not_set_names_the_option_and_the_file_that_is_there(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["check-config", "-c", str(file)]) == 2
    assert "Variables that are in a file: --env-file FILE\n" in capsys.readouterr().err
    env = file.parent / "env"
    env.write_text("OTHER=240\n")
    assert execute(["cleanup", "-c", str(file)]) == 2
    assert f"Variables that are in a file: --env-file {env}\n" in capsys.readouterr().err
    assert execute(["check-config", "-c", str(file), "--env-file", str(env)]) == 2
    assert "--env-file" not in capsys.readouterr().err


def test_a_wrong_env_file_is_2_with_its_place(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    env = file.parent / ".env"
    env.write_text("PRIORITY: 240\n")
    assert execute(["check-config", "-c", str(file), "--env-file", str(env)]) == 2
    assert f"{env}:1:1 error[env-file]" in capsys.readouterr().err


def test_strict_makes_a_warning_1(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRIORITY", "250")
    assert execute(["check-config", "-c", str(file)]) == 0
    assert execute(["check-config", "-c", str(file), "--strict"]) == 1
    assert "warning[no-checks]" in capsys.readouterr().err
    file.write_text("virtual_routers: {}\n")
    assert execute(["check-config", "-c", str(file), "--strict"]) == 2


def test_json_of_a_wrong_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(FILE.replace('"${PRIORITY:?250 or 240}"', "250"))
    code, said = as_json(capsys, "-c", str(file))
    assert code == 2
    assert (said["file"], said["valid"], said["errors"], said["virtual_routers"]) == (str(file), False, 2, [])
    assert [(each["line"], each["column"], each["severity"], each["code"]) for each in said["findings"]] == [
        (2, 61, "error", "vip-kind"),
        (2, 82, "error", "choice"),
    ]
    assert said["findings"][0]["message"].endswith("write an address that a host can have")


def test_json_of_a_good_file(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRIORITY", "250")
    code, said = as_json(capsys, "-c", str(file))
    assert (code, said["valid"], said["errors"]) == (0, True, 0)
    (router,) = said["virtual_routers"]
    costs = router.pop("costs")
    assert (costs["stop_seconds"], costs["crash_seconds"]) == (0.023, 3.023)
    assert costs["sentence"].startswith("a stop of the master costs 23 ms because the priority here is 250: ")
    assert [router] == [
        {"name": "web", "vrid": 51, "interface": "lo", "priority": 250, "addresses": ["192.0.2.100/32"]}
    ]
    assert ("no-checks", None) in [(each["code"], each["line"]) for each in said["findings"]]
    assert said["warnings"] == len(said["findings"])


def test_the_schema_is_printed_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["check-config", "--schema", "-c", "/nowhere"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "vip-sidecar"


def test_an_empty_file_is_shown_an_example(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("# nothing yet\n")
    assert execute(["check-config", "-c", str(file)]) == 2
    assert "For example:\n\nvirtual_routers:\n  web:\n" in capsys.readouterr().err
