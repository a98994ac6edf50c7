"""The verb as a user calls it: exit codes, what is written where, and nothing overwritten."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from sidecar.cli.command_line import execute
from sidecar.migrate.compose_file import compose_file
from sidecar.migrate.entries import Entries, Entry
from tests.unit.migrate.corpus import HERE, imported

REPOSITORY = Path(__file__).parents[3]
PLAIN = HERE / "pairs" / "plain"


@dataclass(frozen=True, slots=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


class Verb:
    """Calls the command in this process: what is printed is caught, and nothing else differs."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *words: object, name: str = "import") -> Done:
        code = execute([name, *map(str, words)])
        said = self._capture.readouterr()
        return Done(code, said.out, said.err)


@pytest.fixture
def verb(capsys: pytest.CaptureFixture[str]) -> Verb:
    return Verb(capsys)


def test_a_file_that_says_all_is_0_with_the_configuration_on_stdout(verb: Verb) -> None:
    done = verb(HERE / "conf" / "minimal.conf")
    assert done.returncode == 0, done.stderr
    assert list(yaml.safe_load(done.stdout)) == ["virtual_routers"]
    assert "mapped 4" in done.stderr
    assert "# .env\n" in done.stderr
    assert "PRIORITY=100" in done.stderr


def test_something_to_decide_is_1_and_a_malformed_file_2(verb: Verb) -> None:
    assert verb(HERE / "conf" / "notify.conf").returncode == 1
    broken = verb(HERE / "bad" / "open-block.conf")
    assert broken.returncode == 2
    assert "open-block.conf:3:23 error[brace]: " in broken.stderr
    assert broken.stdout == ""
    assert verb("/no/such.conf").returncode == 2
    assert verb(HERE / "conf" / "refused-by-our-reader.conf").returncode == 2


def test_a_pair_is_written_as_one_configuration_and_two_environments(tmp_path: Path, verb: Verb) -> None:
    done = verb(PLAIN / "lb1.conf", PLAIN / "lb2.conf", "--into", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    ) == [
        "config/config.yaml",
        "docker-compose.sidecar.yml",
        "lb1.env",
        "lb2.env",
    ]
    assert "PRIORITY=90" in (tmp_path / "lb2.env").read_text()
    again = verb(PLAIN / "lb1.conf", "--into", tmp_path)
    assert again.returncode == 2
    assert "config.yaml" in again.stderr
    assert not (tmp_path / ".env").exists()


def test_the_result_passes_check_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: Verb) -> None:
    verb(PLAIN / "lb1.conf", PLAIN / "lb2.conf", "--into", tmp_path)
    for line in (tmp_path / "lb1.env").read_text().splitlines()[1:]:
        monkeypatch.setenv(*line.split("=", 1))
    checked = verb("-c", tmp_path / "config" / "config.yaml", name="check-config")
    assert checked.returncode == 0, checked.stderr
    assert "ok: node lb1, checks: nginx" in checked.stdout


def test_keys_are_written_for_their_owner_alone(tmp_path: Path, verb: Verb) -> None:
    assert verb(HERE / "conf" / "hmac.conf", "--into", tmp_path).returncode == 1
    key = tmp_path / "config" / "VI_1-key-1"
    assert key.read_text() == "0123456789abcdef0123456789abcdef"
    assert key.stat().st_mode & 0o777 == 0o600


def test_the_report_as_data(verb: Verb) -> None:
    done = verb(HERE / "conf" / "hmac.conf", "-o", "json")
    told = json.loads(done.stdout)
    assert told["counts"]["to decide"] == 1
    assert {"verdict", "file", "line", "column", "statement", "text"} == set(told["findings"][0])
    assert "0123456789abcdef" not in done.stdout


def test_what_a_peer_needs(verb: Verb) -> None:
    done = verb("--check-peer", HERE / "conf" / "hmac.conf")
    assert "version 3: keepalived with `vrrp_version 3`" in done.stdout
    assert "keepalived 2.4.2 or later" in done.stdout
    assert "checksum with the pseudo-header" in done.stdout


def test_the_service_to_paste_mounts_no_folder_that_the_container_has_itself() -> None:
    entries = Entries()
    for name, path in (("flag", "/run/maintenance"), ("root", "/down"), ("mine", "/srv/flags/down")):
        entries.checks[name] = Entry(())
        entries.checks[name].put("file", path)
    pasted = yaml.safe_load(compose_file(entries))["services"]["sidecar"]
    assert pasted["volumes"] == ["./config:/etc/vip-sidecar:ro", "/srv/flags:/srv/flags:ro"]
    assert "pid" not in pasted


@pytest.mark.parametrize(
    ("argv", "looks"),
    [(("/bin/sh", "-c", "ps -ef | grep shop.jar"), True), (("/usr/bin/mysqladmin", "ping"), False)],
)
def test_a_program_that_looks_at_processes_sees_those_of_the_host(argv: tuple[str, ...], looks: bool) -> None:
    entries = Entries()
    entries.checks["shop"] = Entry(())
    entries.checks["shop"].put("exec", argv)
    pasted = yaml.safe_load(compose_file(entries))["services"]["sidecar"]
    assert ("pid" in pasted) == looks


def test_the_service_to_paste_is_confined_as_ours_is() -> None:
    ours = yaml.safe_load((REPOSITORY / "docker-compose.host.yml").read_text())["services"]["sidecar"]
    entries = imported([HERE / "conf" / "scripts.conf"]).joined.entries
    pasted = yaml.safe_load(compose_file(entries))["services"]["sidecar"]
    assert pasted["pid"] == "host"
    assert "docker-proxy:/run/docker-proxy:ro" in pasted["volumes"]
    apart = {"image", "build", "environment", "env_file", "volumes", "pid", "logging"}
    assert {k: v for k, v in pasted.items() if k not in apart} == {
        k: v for k, v in ours.items() if k not in apart
    }


TRACKED = """\
vrrp_script nginx {
    script /etc/keepalived/scripts/check.sh
}
vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 5
    virtual_ipaddress { 192.0.2.1 }
    track_script { nginx }
}
"""


def test_scripts_that_were_copied_with_the_file_are_read(tmp_path: Path, verb: Verb) -> None:
    hosts = [tmp_path / "lb1", tmp_path / "lb2"]
    for host in hosts:
        (host / "scripts").mkdir(parents=True)
        (host / "keepalived.conf").write_text(TRACKED)
        (host / "scripts" / "check.sh").write_text("#!/bin/sh\nkillall -0 nginx\n")
    done = verb(*(host / "keepalived.conf" for host in hosts))
    assert yaml.safe_load(done.stdout)["checks"]["nginx"]["process"] == "nginx", done.stderr
    (hosts[0] / "scripts" / "check.sh").unlink()
    done = verb(hosts[0] / "keepalived.conf")
    assert "exec" in yaml.safe_load(done.stdout)["checks"]["nginx"]
    assert "put /etc/keepalived/scripts/check.sh beside its keepalived.conf" in done.stderr
