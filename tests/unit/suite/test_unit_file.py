"""packaging/systemd/vip-sidecar.service has what docs/security.md demands, as docker-compose.host.yml has."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from sidecar.cli.arguments import CONFIG
from sidecar.cli.control import socket_path
from tests.walk.unit_file import UnitFile

ROOT = Path(__file__).parents[3]
FILE = ROOT / "packaging" / "systemd" / "vip-sidecar.service"
UNIT = UnitFile(FILE.read_text(encoding="utf-8"))
COMPOSE = yaml.safe_load((ROOT / "docker-compose.host.yml").read_text(encoding="utf-8"))["services"][
    "sidecar"
]
STATE = "/var/lib/vip-sidecar"
"""What the pages name for `state: {dir: ...}`."""
NEW_CALLS = {"futex_requeue", "futex_wait", "futex_wake", "mincore", "mseal"}
"""Calls that Debian 12's systemd has in no such group; programs do without where they are refused."""


def test_the_rights_are_those_of_the_container() -> None:
    granted = {f"CAP_{name}" for name in COMPOSE["cap_add"]}
    assert set(UNIT.words("AmbientCapabilities")) == granted
    assert set(UNIT.words("CapabilityBoundingSet")) == granted
    assert UNIT.value("NoNewPrivileges") == "yes"
    assert UNIT.value("User") not in ("", "root", "0")


def test_the_observer_is_the_user_of_the_container_and_has_its_folders() -> None:
    *_, option, user = UNIT.value("ExecStart").split()
    assert [option, user] == COMPOSE["command"][1:]
    uid, gid = user.split(":")
    folders = {str(Path(socket_path()).parent): "0711", STATE: "0700"}
    assert UNIT.before == [
        ["/usr/bin/install", "-d", "-m", mode, "-o", uid, "-g", gid, folder]
        for folder, mode in folders.items()
    ]
    assert UNIT.words("ReadWritePaths") == [f"-{folder}" for folder in folders]
    assert f"state: {{dir: {STATE}}}" in (ROOT / "docs" / "events.md").read_text(encoding="utf-8")


def test_nothing_else_can_be_written() -> None:
    assert UNIT.value("ProtectSystem") == "strict"
    hidden = ("ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectKernelTunables", "ProtectControlGroups")
    assert {UNIT.value(name) for name in hidden} == {"yes"}
    assert not UNIT.words("ProtectProc"), "a process check looks for nginx in /proc"


def test_the_configuration_is_where_the_container_has_it() -> None:
    (file,) = UNIT.environment_files
    assert file.parent == CONFIG.parent
    assert "-c" not in UNIT.value("ExecStart").split()


def test_a_reload_is_the_verb_and_may_reach_the_control_socket() -> None:
    assert UNIT.reload == [UNIT.value("ExecStart").split()[0], "reload"]


def test_a_start_is_over_when_the_router_says_so_and_no_clock_ends_it() -> None:
    """The router serves before it is over."""
    assert UNIT.value("Type") == "notify"
    assert UNIT.value("NotifyAccess") == "main"
    assert UNIT.value("TimeoutStartSec") == "infinity"
    assert UNIT.value("ExecStart").startswith("/opt/"), "no shell: the main process is the router"


def test_it_ends_as_a_container_does_and_is_there_again_within_the_lease() -> None:
    assert UNIT.value("KillMode") == "mixed"
    assert UNIT.value("TimeoutStopSec") == COMPOSE["stop_grace_period"]
    assert UNIT.value("Restart") == "always"
    assert UNIT.value("RestartSec") == "100ms"
    assert UNIT.value("RestartPreventExitStatus") == "2"
    assert UNIT.value("StartLimitIntervalSec", "Unit") == "0"
    assert UNIT.value("TasksMax") == str(COMPOSE["pids_limit"])
    assert UNIT.value("MemoryMax").lower() == COMPOSE["mem_limit"]


def test_sockets_are_of_the_families_that_the_profile_allows() -> None:
    families = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16, "AF_PACKET": 17}
    profile = json.loads((ROOT / "seccomp.json").read_text(encoding="utf-8"))
    allowed = {
        rule["args"][0]["value"]
        for rule in profile["syscalls"]
        if rule["names"] == ["socket"] and rule["args"][0]["op"] == "SCMP_CMP_EQ"
    }
    assert {families[name] for name in UNIT.words("RestrictAddressFamilies")} == allowed


def test_the_manager_finds_nothing_wrong(tmp_path: Path) -> None:
    """systemd's own words; the program that the file starts need not be there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze; apt-get install systemd enables this test")
    text = FILE.read_text(encoding="utf-8").replace("/opt/vip-sidecar/bin/vip-sidecar", "/bin/true")
    copy = tmp_path / FILE.name
    copy.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def calls(group: str) -> set[str]:
    """The system calls of a group of systemd's."""
    done = subprocess.run(
        ["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True, timeout=60
    )
    found = set()
    for line in map(str.strip, done.stdout.splitlines()[1:]):
        if line and not line.startswith("#"):
            found |= calls(line) if line.startswith("@") else {line}
    return found


def test_every_call_of_the_seccomp_profile_is_allowed() -> None:
    """The profile is what the image was run under. systemd's groups are those of the installed version."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze; apt-get install systemd enables this test")
    (group, refused) = UNIT.values("Service", "SystemCallFilter")
    assert refused.startswith("~")
    without = {
        each
        for word in refused.removeprefix("~").split()
        for each in (calls(word) if word.startswith("@") else {word})
    }
    profile = json.loads((ROOT / "seccomp.json").read_text(encoding="utf-8"))
    wanted = {name for rule in profile["syscalls"] for name in rule["names"]}
    assert wanted - (calls(group) - without) <= NEW_CALLS


@pytest.mark.parametrize("text", ["[Service]\nExecStart", "ExecStart=/bin/true"])
def test_a_line_that_systemd_would_ignore_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no setting"):
        UnitFile(text)
