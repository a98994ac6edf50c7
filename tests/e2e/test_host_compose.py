"""docker-compose.host.yml as users run it, but for its network, which is not this machine's here."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.compose_lab import inspect, run
from tests.e2e.sidecar_alone import OTHER_USER
from tests.netns.lab import wait_until
from tests.netns.processes import observer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

PROJECT = f"vip-host-{os.getpid()}"
CONFIG = f"""
virtual_routers:
  web:
    interface: lo
    vrid: 51
    priority: ${{PRIORITY}}
    addresses: [192.0.2.100/32]
checks:
  nginx: {{container: {PROJECT}-nginx-1}}
  http: {{http: "http://127.0.0.1:8088/", every: 200ms, timeout: 200ms}}
  gateway: {{icmp: 127.0.0.1}}
  cable: {{link: lo}}
  program: {{exec: [/usr/bin/test, -r, /etc/passwd], every: 1s}}
docker: {{url: unix:///run/docker-proxy/docker.sock}}
"""
OVERRIDE = """
services:
  nginx: {network_mode: none}
  sidecar:
    network_mode: service:nginx
    volumes: ["FOLDER:/etc/vip-sidecar:ro"]
"""


class Host:
    """One host of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "config"
        self._folder.mkdir()
        self.write(CONFIG)
        override = folder / "override.yml"
        override.write_text(OVERRIDE.replace("FOLDER", str(self._folder)))
        self._words = ("docker", "compose", "-f", "docker-compose.host.yml", "-f", str(override))
        self._environment = {
            "COMPOSE_PROJECT_NAME": PROJECT,
            "COMPOSE_PROFILES": "proxy",
            "COMPOSE_FILE": "",
            "PRIORITY": "250",
        }

    def compose(self, *words: str, ok: bool = True) -> str:
        return run(*self._words, *words, env=self._environment, ok=ok).stdout

    def write(self, text: str) -> None:
        """Replace the file by another one, as editors and deployment tools do it."""
        new = self._folder / "config.yaml.new"
        new.write_text(text)
        new.rename(self._folder / "config.yaml")

    def reload(self, *options: str) -> tuple[int, dict[str, Any]]:
        """The verb in the container: exit status and document."""
        words = ("exec", "-T", "sidecar", "vip-sidecar", "reload", "-o", "json", *options)
        done = run(*self._words, *words, env=self._environment, ok=False)
        return done.returncode, json.loads(done.stdout or "{}")

    def status(self) -> dict[str, Any]:
        """What the verb says; nothing while nobody answers."""
        said = self.compose("exec", "-T", "sidecar", "vip-sidecar", "status", "-o", "json", ok=False)
        found = json.loads(said) if said.startswith("{") else {}
        assert isinstance(found, dict)
        return found

    def told(self) -> dict[str, Any]:
        """The same, with its virtual router in it. A status that is not there yet is waited for."""
        said: dict[str, Any] = {}

        def there() -> bool:
            said.update(self.status())
            return bool(said.get("virtual_routers"))

        wait_until(there, 10, "a status")
        return said

    def serves(self, restarts: int = 0) -> bool:
        """Whether all is well, after so many replacements of the observer or more."""
        said = self.status()
        return bool(
            said
            and said["virtual_routers"][0]["state"] == "MASTER"
            and said["processes"]["router"]
            and all(check["up"] for check in said["checks"])
            and said["processes"]["observer"]["restarts"] >= restarts
        )


@pytest.fixture(scope="module")
def host(image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    run("docker", "compose", "build", "--quiet", "nginx-a")
    made = Host(tmp_path_factory.mktemp(image))
    try:
        made.compose("up", "--detach", "--no-build")
        wait_until(made.serves, 60, "the host serves")
        yield made
    except BaseException as error:
        error.add_note(made.compose("logs", "--no-color", "--tail", "60", ok=False))
        raise
    finally:
        made.compose("down", "--volumes", "--timeout", "2", ok=False)


def test_it_serves_with_every_kind_of_check_and_the_observer_is_another_user(host: Host) -> None:
    said = host.told()
    assert {check["name"]: check["up"] for check in said["checks"]} == dict.fromkeys(
        ("nginx", "http", "gateway", "cable", "program"), True
    )
    router, watcher = said["processes"]["router"], said["processes"]["observer"]
    assert (router["uid"], router["capabilities_permitted"], router["capabilities_bounding"]) == (
        0,
        "0x3000",
        "0x3000",
    )
    assert (watcher["uid"], watcher["apart"], watcher["capabilities_bounding"]) == (OTHER_USER, True, "0x0")
    assert said["docker_connected"] is True


def test_the_observer_is_replaced_with_all_that_it_needs(host: Host) -> None:
    name = f"{PROJECT}-sidecar-1"
    found = observer(int(inspect(name, "{{.State.Pid}}")))
    assert found is not None
    os.kill(found, 9)
    wait_until(lambda: host.serves(restarts=1), 30, "the next")
    assert inspect(name, "{{.State.Health.Status}}") in ("healthy", "starting")


def test_a_replaced_file_is_reloaded_by_the_signal_and_by_the_verb_and_a_wrong_one_is_refused(
    host: Host,
) -> None:
    def router() -> dict[str, Any]:
        (found,) = host.told()["virtual_routers"]
        assert isinstance(found, dict)
        return found

    since, priority = router()["since"], "${PRIORITY}"
    host.write(CONFIG.replace(priority, "245"))
    host.compose("kill", "--signal", "HUP", "sidecar")
    wait_until(lambda: router()["priority"]["configured"] == 245, 10, "the priority of the new file")
    host.write(CONFIG)
    code, planned = host.reload("--dry-run")
    assert (code, planned["result"]) == (0, "planned")
    assert [change["path"] for change in planned["changes"]] == ["virtual_routers.web.priority"]
    assert "virtual_routers.web.priority" in planned["environment"]
    assert router()["priority"]["configured"] == 245
    assert host.reload()[0] == 0
    host.write(CONFIG.replace("vrid: 51", "vrid: 999"))
    code, refused = host.reload()
    assert (code, refused["result"]) == (2, "refused")
    assert any("999" in mistake for mistake in refused["mistakes"])
    host.write(CONFIG)
    assert host.reload()[1]["result"] == "unchanged"
    wait_until(lambda: router()["priority"]["configured"] == 250, 5, "the priority of the environment")
    wait_until(host.serves, 10, "all is well")
    assert router()["since"] == since
