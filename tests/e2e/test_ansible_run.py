"""examples/ansible, run by Ansible over ssh against hosts with systemd, as docs/ansible.md says.

One host after the other, the standby first; a second run changes nothing; what is wrong is refused.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.e2e.booted_hosts import HOSTS, PROGRAM, UNIT, Site, booted_hosts, holders, settle
from tests.e2e.compose_lab import run
from tests.walk.page import steps
from tests.walk.walker import Walker

pytestmark = [pytest.mark.e2e, pytest.mark.whole, pytest.mark.timeout(900)]

FILES = ("/etc/vip-sidecar/config.yaml", "/etc/vip-sidecar/env")
FOLDER: Final = Path("examples", "ansible")
_TASK: Final = re.compile(r"^(?:TASK|RUNNING HANDLER) \[(?:vip_sidecar : )?(.*)\] \**$")
_RESULT: Final = re.compile(r"^(ok|changed|skipping|failed|fatal|unreachable): \[(\w+)\]")
_RECAP: Final = re.compile(r"^(\w+)\s+: ok=\d+\s+changed=(\d+)\s", re.MULTILINE)
RELOAD, RESTART = "Reload the sidecar", "Restart the sidecar"


@dataclass(frozen=True)
class Played:
    """What ansible-playbook did: its exit code, what it printed, and the results in order."""

    code: int
    text: str

    @property
    def results(self) -> list[tuple[str, str, str]]:
        """Task, outcome and host."""
        found = []
        task = ""
        for line in self.text.splitlines():
            if named := _TASK.match(line):
                task = named[1]
            elif result := _RESULT.match(line):
                found.append((task, result[1], result[2]))
        return found

    @property
    def changed(self) -> dict[str, int]:
        """How many tasks have changed something, by host."""
        return {name: int(changed) for name, changed in _RECAP.findall(self.text)}

    def did(self, task: str) -> list[str]:
        """Hosts on which a task has changed something, in order."""
        return [host for each, outcome, host in self.results if each == task and outcome == "changed"]

    @property
    def turns(self) -> list[str]:
        """Hosts in the order in which the role was played."""
        role = [host for task, _, host in self.results if task == "Make the folders"]
        return list(dict.fromkeys(role))


class Admin:
    """Somebody with a clone and an ssh key, who is no root on the hosts."""

    def __init__(self, folder: Path, site: Site) -> None:
        self._folder = folder
        self._beside = site.beside
        self.hosts = site.hosts
        self.clone = folder / "clone"

    def play(self, *options: str, **variables: Any) -> Played:
        """Run the playbook as the page says."""
        argv = [*self._beside, "ansible-playbook", "-i", "inventory.yml", "site.yml", *options]
        argv += ["--extra-vars", json.dumps(variables)] if variables else []
        done = subprocess.run(
            argv,
            cwd=self.clone / FOLDER,
            env={**os.environ, **self._settings()},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        print(done.stdout, done.stderr)
        return Played(done.returncode, done.stdout + done.stderr)

    def _settings(self) -> dict[str, str]:
        known = "-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR"
        return {
            "ANSIBLE_HOME": str(self._folder / "home"),
            "ANSIBLE_LOCAL_TEMP": str(self._folder / "home"),
            "ANSIBLE_REMOTE_USER": "admin",
            "ANSIBLE_PRIVATE_KEY_FILE": str(self._folder / "key"),
            "ANSIBLE_SSH_ARGS": f"{known} -o ControlMaster=auto -o ControlPersist=15s",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._folder / "c"),
            "ANSIBLE_PIPELINING": "1",
            # Waiting is no claim: a busy machine may take long until sudo has asked.
            "ANSIBLE_TIMEOUT": "120",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_FORCE_COLOR": "0",
        }

    def configuration(self) -> dict[str, Any]:
        """The configuration of the example."""
        text = (self.clone / FOLDER / "group_vars" / "vip_sidecar.yml").read_text(encoding="utf-8")
        found = yaml.safe_load(text)["vip_sidecar_config"]
        assert isinstance(found, dict)
        return found

    def state(self) -> dict[str, tuple[Any, ...]]:
        """What a run that changes nothing leaves: processes, and files with their times."""
        look = ("stat", "--format", "%n %Y %a %U %G", *FILES, f"/etc/systemd/system/{UNIT}.service")
        return {name: (host.pid, host.run(*look).stdout) for name, host in self.hosts.items()}


@pytest.fixture(scope="module")
def admin() -> Iterator[Admin]:
    if shutil.which("ansible-playbook") is None:
        pytest.skip("no Ansible; apt-get install ansible-core enables this test")
    # Short, since ssh has its sockets there.
    with tempfile.TemporaryDirectory(prefix="vip-ansible-") as name:
        folder = Path(name)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key"))
        with booted_hosts(folder) as site:
            Walker(site.hosts, {"both": tuple(HOSTS)}).walk(steps("docs/hosts.md", "First"))
            for host in site.hosts.values():
                host.run("install", "-d", "-o", "admin", "-m", "0700", "/home/admin/.ssh")
                host.write("/home/admin/.ssh/authorized_keys", (folder / "key.pub").read_text())
                host.run("chown", "admin", "/home/admin/.ssh/authorized_keys")
            yield Admin(folder, site)


def test_a_dry_run_on_new_hosts_changes_nothing(admin: Admin) -> None:
    played = admin.play("--check", "--diff")
    assert played.code == 0
    for host in admin.hosts.values():
        assert not host.run("ls", "/opt").stdout


def test_the_first_run_makes_a_pair_and_the_second_changes_nothing(admin: Admin) -> None:
    first = admin.play()
    assert first.code == 0
    assert all(first.changed.values())
    # Started with all that it needs: nothing of it is to be read again.
    assert not first.did(RELOAD) + first.did(RESTART)
    settle(admin.hosts)
    for host in admin.hosts.values():
        assert host.run("systemctl", "is-enabled", UNIT).stdout.strip() == "enabled"
        assert "VRID 51" in host.run("vip-sidecar", "status").stdout

    before = admin.state()
    second = admin.play()
    assert (second.code, second.changed) == (0, {"lb1": 0, "lb2": 0})
    assert second.turns == ["lb2", "lb1"], "the standby first"
    assert admin.state() == before
    assert holders(admin.hosts) == ["lb1"]


def test_a_changed_file_is_reloaded_on_the_standby_first_and_nothing_moves(admin: Admin) -> None:
    before = {name: (host.pid, host.router["since"]) for name, host in admin.hosts.items()}
    changed = admin.configuration()
    changed["checks"]["http"]["every"] = "700ms"
    played = admin.play(vip_sidecar_config=changed)
    assert (played.code, played.did(RELOAD), played.did(RESTART)) == (0, ["lb2", "lb1"], [])
    assert {name: (host.pid, host.router["since"]) for name, host in admin.hosts.items()} == before
    for host in admin.hosts.values():
        assert "nothing changes" in host.run(PROGRAM, "reload", "--dry-run").stdout
    again = admin.play(vip_sidecar_config=changed)
    assert (again.changed, again.did(RELOAD)) == ({"lb1": 0, "lb2": 0}, [])


def test_a_wrong_file_is_refused_on_the_first_host_and_the_old_one_stays(admin: Admin) -> None:
    before = admin.state()
    wrong = admin.configuration()
    wrong["virtual_routers"]["web"]["vrid"] = 999
    played = admin.play(vip_sidecar_config=wrong, vip_sidecar_environment={"PRIORITY": 200})
    assert played.code != 0
    assert "999" in played.text
    assert played.turns == ["lb2"], "the other host is not touched"
    assert admin.state() == before, "neither file is written"
    wrong = admin.configuration()
    played = admin.play(vip_sidecar_config=wrong, vip_sidecar_environment={"PRIORITY": 999})
    assert played.code != 0
    assert admin.state() == before


def test_a_changed_environment_is_a_restart_of_that_host_alone(admin: Admin) -> None:
    """With a file that needs it: what is started anew is not asked to reload; the old process refuses."""
    admin.play()
    before = {name: host.pid for name, host in admin.hosts.items()}
    inventory = admin.clone / FOLDER / "inventory.yml"
    good = inventory.read_text()
    inventory.write_text(good.replace("{PRIORITY: 240}", "{PRIORITY: 239}"))
    try:
        played = admin.play()
        assert (played.code, played.did(RESTART), played.did(RELOAD)) == (0, ["lb2"], [])
        settle(admin.hosts)
        assert admin.hosts["lb2"].router["priority"]["configured"] == 239
        assert admin.hosts["lb1"].pid == before["lb1"] != 0
        needs = admin.configuration()
        needs["checks"]["http"]["every"] = "${EVERY:?how often}"
        environment = {"PRIORITY": "{{ 250 if inventory_hostname == 'lb1' else 240 }}", "EVERY": "900ms"}
        played = admin.play(vip_sidecar_config=needs, vip_sidecar_environment=environment)
        assert (played.code, played.did(RESTART), played.did(RELOAD)) == (0, ["lb2", "lb1"], [])
    finally:
        inventory.write_text(good)
    settle(admin.hosts)


def test_a_host_that_does_not_get_ready_ends_the_run(admin: Admin) -> None:
    assert admin.play().code == 0
    settle(admin.hosts)
    before = admin.hosts["lb1"].pid
    unfit = admin.configuration()
    unfit["virtual_routers"]["web"]["interface"] = "eth7"
    played = admin.play(vip_sidecar_config=unfit, vip_sidecar_ready_seconds=4)
    assert played.code != 0
    assert played.turns == ["lb2"]
    assert (admin.hosts["lb1"].pid, holders(admin.hosts)) == (before, ["lb1"])
    assert admin.play().code == 0
    settle(admin.hosts)


def test_nobody_is_touched_while_one_host_cannot_be_asked(admin: Admin) -> None:
    """It may be the standby of the one that serves."""
    before = admin.state()
    admin.hosts["lb2"].run("systemctl", "stop", "ssh.service")
    try:
        alone = "--ssh-common-args=-o ControlPath=none"
        played = admin.play(alone, vip_sidecar_environment={"PRIORITY": 245})
    finally:
        admin.hosts["lb2"].run("systemctl", "start", "ssh.service")
    assert played.code != 0
    assert played.turns == []
    assert admin.state() == before


def test_another_version_is_a_restart_of_one_host_after_the_other(admin: Admin) -> None:
    """With a changed file: the process of the old version would refuse to read it."""
    before = {name: host.pid for name, host in admin.hosts.items()}
    changed = admin.configuration()
    changed["checks"]["http"]["every"] = "800ms"
    # The same program in another folder.
    played = admin.play(vip_sidecar_config=changed, vip_sidecar_home="/opt/vip-sidecar-next")
    assert (played.code, played.did(RESTART), played.did(RELOAD)) == (0, ["lb2", "lb1"], [])
    settle(admin.hosts)
    for name, host in admin.hosts.items():
        assert host.pid != before[name]
        assert "next" in host.read(f"/proc/{host.pid}/cmdline")
    back = admin.play(vip_sidecar_config=changed)
    assert (back.code, back.did(RESTART)) == (0, ["lb2", "lb1"])
    settle(admin.hosts)
