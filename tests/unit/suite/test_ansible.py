"""examples/ansible: the order in which hosts change, what it writes, and what Ansible says of it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "examples" / "ansible"
ROLE = FOLDER / "roles" / "vip_sidecar"


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


SITE = read(FOLDER / "site.yml")
TASKS = read(ROLE / "tasks" / "main.yml")
HANDLERS = read(ROLE / "handlers" / "main.yml")
HOSTS = read(FOLDER / "inventory.yml")["all"]["children"]["vip_sidecar"]["hosts"]


def module(task: dict[str, Any]) -> str:
    (found,) = [key for key in task if key.startswith("ansible.")]
    return found


def test_the_standby_has_its_turn_first_and_one_host_after_the_other() -> None:
    ask, *turns = SITE
    assert [turn["hosts"] for turn in turns] == ["vip_sidecar_standby", "vip_sidecar_master"]
    assert all((turn["serial"], turn["max_fail_percentage"]) == (1, 0) for turn in turns)
    (divide,) = [task for task in ask["tasks"] if module(task) == "ansible.builtin.group_by"]
    key = divide["ansible.builtin.group_by"]["key"]
    assert all(f"'{turn['hosts']}'" in key for turn in turns)


def test_a_change_is_applied_and_the_host_ready_before_the_next_one_has_its_turn() -> None:
    *_, flush, wait = TASKS
    assert flush["ansible.builtin.meta"] == "flush_handlers"
    assert wait["until"].endswith("== 200")
    assert read(ROLE / "defaults" / "main.yml")["vip_sidecar_ready_url"].endswith("/readyz")


def test_what_is_notified_is_there_and_only_what_every_ansible_has_is_used() -> None:
    notified = {task["notify"] for task in TASKS if "notify" in task}
    assert notified == {handler["name"] for handler in HANDLERS}
    tasks = [*TASKS, *HANDLERS, *SITE[0]["tasks"]]
    assert all(module(task).startswith("ansible.builtin.") for task in tasks)


def test_what_the_process_reads_is_written_before_it_starts() -> None:
    start = [module(task) for task in TASKS].index("ansible.builtin.systemd")
    written = {
        task[module(task)].get("dest") for task in TASKS[:start] if isinstance(task[module(task)], dict)
    }
    assert written >= {
        "/etc/vip-sidecar/env",
        "/etc/vip-sidecar/config.yaml",
        "/etc/systemd/system/vip-sidecar.service",
        "/opt/vip-sidecar",
    }


def test_every_variable_has_a_value() -> None:
    texts = [file.read_text(encoding="utf-8") for file in FOLDER.rglob("*.yml")]
    used = {name for text in texts for name in re.findall(r"\bvip_sidecar_[a-z_]+\b", text)}
    given = {*read(ROLE / "defaults" / "main.yml"), *read(FOLDER / "group_vars" / "vip_sidecar.yml")}
    registered = {task["register"] for task in [*TASKS, *HANDLERS, *SITE[0]["tasks"]] if "register" in task}
    groups = {turn["hosts"] for turn in SITE}
    assert used <= given | registered | groups


def test_what_was_started_anew_is_not_asked_to_reload() -> None:
    """An old process may refuse a file that needs the new environment. Handlers run in this order."""
    restart, reload = HANDLERS
    assert [each["ansible.builtin.systemd"]["state"] for each in HANDLERS] == ["restarted", "reloaded"]
    (start,) = [task for task in TASKS if task.get("ansible.builtin.systemd", {}).get("state") == "started"]
    for earlier, later in ((start, restart), (start, reload), (restart, reload)):
        assert f"{earlier['register']} | default({{}}) is not changed" in later["when"]


def test_hosts_are_asked_by_those_whom_the_sidecar_answers_and_all_of_them() -> None:
    ask, *turns = SITE
    assert ask["any_errors_fatal"]
    assert ask["become"]
    assert all(turn["become"] and turn["force_handlers"] for turn in turns)


@pytest.mark.parts
@pytest.mark.parametrize("host", HOSTS)
def test_the_lines_that_validate_accept_the_files_of_each_host(host: str, tmp_path: Path) -> None:
    """The file first, in the environment of its task; then that environment, with the file in its place."""
    config, environment = tmp_path / "config.yaml", tmp_path / "env"
    config.write_text(
        yaml.safe_dump(read(FOLDER / "group_vars" / "vip_sidecar.yml")["vip_sidecar_config"]),
        encoding="utf-8",
    )
    values = {name: str(value) for name, value in HOSTS[host]["vip_sidecar_environment"].items()}
    environment.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
    first, second = [task for task in TASKS if "validate" in task.get("ansible.builtin.copy", {})]
    assert first["environment"] == "{{ vip_sidecar_environment }}"
    by_itself: dict[str, str] = {}
    turns = ((first, config, (), values), (second, environment, ("-c", str(config)), by_itself))
    for task, file, more, given in turns:
        validate = task["ansible.builtin.copy"]["validate"].replace("%s", str(file))
        program, *words = validate.split("/bin/")[1].split()
        assert program == "vip-sidecar"
        done = subprocess.run(
            [sys.executable, "-m", "sidecar", *words, *more],
            cwd=ROOT,
            env={**os.environ, **given},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert f"priority {values['PRIORITY']}, 192.0.2.100/24" in done.stdout


@pytest.mark.parts
def test_ansible_understands_it(tmp_path: Path) -> None:
    if shutil.which("ansible-playbook") is None:
        pytest.skip("no Ansible; apt-get install ansible-core enables this test")
    argv = ["ansible-playbook", "--syntax-check", "-i", "inventory.yml", "site.yml"]
    done = subprocess.run(
        argv,
        cwd=FOLDER,
        env={**os.environ, "ANSIBLE_HOME": str(tmp_path), "ANSIBLE_LOCAL_TEMP": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    # The groups of the second and third play are made by the first.
    said = [line for line in done.stderr.splitlines() if "Could not match supplied host pattern" not in line]
    assert (done.returncode, said) == (0, [])
