"""The seccomp profile that we ship: what the sidecar does not need, the kernel refuses, also to root."""

import json
from pathlib import Path

import pytest

from tests.e2e.compose_lab import run
from tests.e2e.sidecar_alone import PROFILE
from tests.e2e.system_calls import NUMBERS, SOCKETS

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

PROGRAM = Path(__file__).with_name("system_calls.py")
REFUSED = (*NUMBERS, *SOCKETS, "clone")
LET_THROUGH = (
    "bpf",
    "clone",
    "fsopen",
    "kcmp",
    "mknodat",
    "mount",
    "process_vm_readv",
    "setns",
    "unshare",
)
"""By the kernel without a filter, on every machine: others depend on its settings."""


RIGHTS = ("SYS_ADMIN", "SYS_PTRACE", "SYS_CHROOT", "MKNOD")
"""Whatever these calls ask for."""


def answers(image: str, profile: str, names: tuple[str, ...]) -> dict[str, str]:
    """What root with these capabilities gets: what refuses is the filter."""
    words = ["docker", "run", "--rm", "--network", "none"]
    words += [word for each in RIGHTS for word in ("--cap-add", each)]
    words += ["--security-opt", f"seccomp={profile}", "--volume", f"{PROGRAM}:/try.py:ro"]
    words += ["--entrypoint", "python3", image, "/try.py"]
    said = json.loads(run(*words, *names).stdout)
    assert isinstance(said, dict)
    return said


def test_what_the_product_does_not_need_is_refused_to_root_with_every_right(image: str) -> None:
    assert answers(image, str(PROFILE), REFUSED) == dict.fromkeys(REFUSED, "EPERM")


def test_without_the_profile_the_kernel_lets_them_through(image: str) -> None:
    """So it is the profile that refuses, and no capability that is missing."""
    assert "EPERM" not in answers(image, "unconfined", LET_THROUGH).values()


@pytest.mark.parametrize("file", ["docker-compose.yml", "docker-compose.host.yml"])
def test_both_compose_files_confine_the_sidecar(file: str) -> None:
    """As compose understands them: what is merged counts."""
    said = run("docker", "compose", "-f", file, "config", "--format", "json", env={"PRIORITY": "250"}).stdout
    services = {name: each for name, each in json.loads(said)["services"].items() if "sidecar" in name}
    assert services
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["cap_add"] == ["NET_ADMIN", "NET_RAW", "SETUID", "SETGID", "SETPCAP"]
        assert service["command"][:2] == ["run", "--observer-user"]
        assert service["security_opt"] == ["no-new-privileges:true", "seccomp:./seccomp.json"]
        assert service["pids_limit"] == 128
        assert int(service["mem_limit"]) == 256 << 20


def test_the_profile_denies_by_default_and_knows_both_architectures() -> None:
    profile = json.loads(PROFILE.read_text(encoding="utf-8"))
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert [each["architecture"] for each in profile["archMap"]] == ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"]
    allowed = {name for rule in profile["syscalls"] if "args" not in rule for name in rule["names"]}
    assert not allowed & {"clone", "socket", *NUMBERS}
