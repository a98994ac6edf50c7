"""The image by itself, as it is deployed: read-only, few capabilities, under our seccomp profile.

Its network has only lo.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.compose_lab import ROOT, run

PROFILE = ROOT / "seccomp.json"
OTHER_USER = 65532
TO_BE_APART = ("NET_ADMIN", "NET_RAW", "SETUID", "SETGID", "SETPCAP")
"""What both compose files grant, so that the observer is another user."""
OF_THE_OBSERVER = ("--tmpfs", f"/run/vip-sidecar:mode=0711,uid={OTHER_USER},gid={OTHER_USER},size=1m")
"""The folder of the control socket, as both compose files have it."""
_FILE = "/etc/vip-sidecar/config.yaml"


def command(
    image: str,
    folder: Path,
    text: str,
    *options: str,
    capabilities: Iterable[str] = (),
    verb: str = "run",
    arguments: Iterable[str] = (),
) -> list[str]:
    """The words that run it with a configuration file, which is written into the folder."""
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    words = ["docker", "run", "--read-only", "--network", "none", "--tmpfs", "/run/vip-sidecar"]
    words += ["--security-opt", f"seccomp={PROFILE}"]
    words += ["--cap-drop", "ALL", *(word for each in capabilities for word in ("--cap-add", each))]
    words += ["--volume", f"{folder}/config.yaml:{_FILE}:ro", *options, image, verb, "-c", _FILE]
    return [*words, *arguments]


@contextmanager
def container(
    image: str,
    folder: Path,
    text: str,
    *options: str,
    capabilities: Iterable[str] = ("NET_ADMIN", "NET_RAW"),
    arguments: Iterable[str] = (),
) -> Iterator[str]:
    """Let it run in the background without a way to new privileges. Return the container's name."""
    name = f"vip-alone-{os.getpid()}"
    words = ("--detach", "--name", name, "--security-opt", "no-new-privileges:true", *options)
    run(*command(image, folder, text, *words, capabilities=capabilities, arguments=arguments))
    try:
        yield name
    finally:
        run("docker", "rm", "--force", name, ok=False)


def status(name: str, wanted: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
    """The status when every check has a verdict and it is as wanted."""
    deadline = time.monotonic() + 90
    while True:
        done = run("docker", "exec", name, "vip-sidecar", "status", "-o", "json", ok=False)
        if done.returncode in (0, 1, 2) and done.stdout:
            said: dict[str, Any] = json.loads(done.stdout)
            checks = said["checks"]
            if checks and all(check["up"] is not None for check in checks) and wanted(said):
                return said
        assert time.monotonic() < deadline, done.stdout + done.stderr
        time.sleep(0.2)
