"""The image alone: what it says when something is missing or wrong, and what it holds."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.e2e.compose_lab import ROOT, run
from tests.e2e.sidecar_alone import command

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

GOOD = """
virtual_routers:
  web: {interface: lo, vrid: 51, priority: 100, addresses: [10.77.0.100/32]}
"""
WRONG = """virtual_routers:
  web:
    interfaec: lo
    vrid: 300
    priority: 100
    addresses: [10.77.0.100/32]
"""


def sidecar(
    image: str, folder: Path, text: str, *options: str, capabilities: Sequence[str] = (), verb: str = "run"
) -> subprocess.CompletedProcess[str]:
    """Run the image to its end."""
    words = command(image, folder, text, "--rm", *options, capabilities=capabilities, verb=verb)
    return run(*words, ok=False)


def test_a_wrong_file_is_refused_with_every_mistake_and_its_place(image: str, tmp_path: Path) -> None:
    done = sidecar(image, tmp_path, WRONG, capabilities=("NET_ADMIN", "NET_RAW"))
    said = done.stdout + done.stderr
    assert done.returncode == 2
    assert "config.yaml:3:5" in said
    assert "interface" in said
    assert "config.yaml:4:" in said


@pytest.mark.parametrize(("granted", "missing"), [("NET_ADMIN", "NET_RAW"), ("NET_RAW", "NET_ADMIN")])
def test_a_missing_capability_is_named_with_how_to_grant_it(
    image: str, tmp_path: Path, granted: str, missing: str
) -> None:
    done = sidecar(image, tmp_path, GOOD, capabilities=(granted,))
    said = done.stdout + done.stderr
    assert done.returncode == 2
    assert missing in said
    assert "cap_add" in said or "--cap-add" in said


def test_a_good_file_passes_without_any_right(image: str, tmp_path: Path) -> None:
    assert sidecar(image, tmp_path, GOOD, verb="check-config").returncode == 0


@pytest.mark.parametrize("file", ["lab/config/config.yaml", "examples/host.yaml"])
def test_the_configurations_that_we_ship_are_valid(image: str, tmp_path: Path, file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    done = sidecar(image, tmp_path, text, "-e", "PRIORITY=250", "-e", "NGINX=nginx-a", verb="check-config")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_compose_file_for_real_hosts_is_valid() -> None:
    run("docker", "compose", "-f", "docker-compose.host.yml", "config", "--quiet", env={"PRIORITY": "250"})


def test_version_names_the_revision_of_the_build(image: str) -> None:
    done = run(
        "docker", "run", "--rm", "--network", "none", "-e", "VIP_SIDECAR_REVISION=abc", image, "version"
    )
    assert "abc" in done.stdout


def test_healthcheck_without_a_sidecar_says_unreachable(image: str) -> None:
    done = run("docker", "run", "--rm", "--network", "none", image, "healthcheck", ok=False)
    assert done.returncode == 3


def test_the_image_ships_no_pip_and_its_bytecode_is_compiled(image: str) -> None:
    look = (
        "find / -xdev -path '*packages/pip*'; find /opt -name '*.py' | wc -l; find /opt -name '*.pyc' | wc -l"
    )
    done = run("docker", "run", "--rm", "--network", "none", "--entrypoint", "sh", image, "-c", look)
    *pips, sources, compiled = done.stdout.split()
    assert pips == []
    assert int(compiled) == int(sources) > 100


def test_the_image_stops_by_term_and_checks_its_own_health(image: str) -> None:
    (about,) = json.loads(run("docker", "image", "inspect", image).stdout)
    assert about["Config"]["StopSignal"] == "SIGTERM"
    assert about["Config"]["Healthcheck"]["Test"] == ["CMD", "vip-sidecar", "healthcheck"]
    assert about["Config"]["Entrypoint"] == ["vip-sidecar"]


def test_the_image_says_what_it_is_and_is_as_small_as_the_page_says(image: str) -> None:
    (about,) = json.loads(run("docker", "image", "inspect", image).stdout)
    named = {key.removeprefix("org.opencontainers.image.") for key in about["Config"]["Labels"]}
    assert named >= {"title", "description", "licenses", "version", "revision", "created", "base.name"}
    assert about["Size"] < 160e6
