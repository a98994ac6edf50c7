"""What git, pip and the Docker engine do for a release. Their own messages go to the terminal."""

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from release.archive import Image

ROOT: Final = Path(__file__).parents[1]
MACHINES: Final = {"amd64": "x86_64", "arm64": "aarch64"}
"""Architectures of a release, and the kernel's names of them."""
PYTHON: Final = "3.13"
"""Of the image: that of Debian 13."""
_BINFMT: Final = Path("/proc/sys/fs/binfmt_misc")


def run(*argv: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a program in the source tree and return its output. CalledProcessError if it fails."""
    done = subprocess.run(  # noqa: S603 - the words are ours
        argv,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def revision() -> str:
    """Return the commit, with `-dirty` if the tree differs from it."""
    return run("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*").strip()


def epoch() -> int:
    """Return the time of the commit: no file of a release is younger. SOURCE_DATE_EPOCH, if it is set."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or run("git", "log", "-1", "--format=%ct"))


def wheel(folder: Path, since: int) -> Path:
    """Build the wheel."""
    environment = {"SOURCE_DATE_EPOCH": str(since)}
    with tempfile.TemporaryDirectory() as made:
        words = ("wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--wheel-dir", made, ".")
        run(sys.executable, "-m", "pip", *words, environment=environment)
        (found,) = Path(made).iterdir()
        return Path(shutil.copy(found, folder))


def native(architecture: str) -> bool:
    """Whether this machine runs programs of an architecture itself."""
    return platform.machine() == MACHINES[architecture]


def runs(architecture: str) -> bool:
    """Whether it does, or has an emulator for them."""
    return native(architecture) or (_BINFMT / f"qemu-{MACHINES[architecture]}").exists()


def build(architecture: str, tag: str, arguments: Mapping[str, str], options: Sequence[str]) -> Image:
    """Build the image, and return what the engine says of it."""
    words = [f"--build-arg={name}={value}" for name, value in arguments.items()]
    if not native(architecture):
        words.append(f"--platform=linux/{architecture}")
    run("docker", "build", "--quiet", f"--tag={tag}", *words, *options, ".")
    (about,) = json.loads(run("docker", "image", "inspect", tag))
    return Image(about["Architecture"], about["Config"])


@contextmanager
def exported(tag: str) -> Iterator[IO[bytes]]:
    """Yield the files of an image as a tar."""
    container = run("docker", "create", "--network=none", tag).strip()
    try:
        argv = ["docker", "export", container]
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:  # noqa: S603 - the words are ours
            assert process.stdout is not None  # noqa: S101 - for mypy
            yield process.stdout
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, argv)
    finally:
        run("docker", "rm", container)


def said_version(file: Path, tag: str) -> str:
    """Load an archive into the engine, and ask the image for its version."""
    run("docker", "load", "--quiet", "--input", str(file.absolute()))
    return run("docker", "run", "--rm", "--network=none", tag, "version").strip()


def has_wheels(architecture: str) -> None:
    """Fetch the packages of the lock for an architecture, by hash. CalledProcessError if there is none."""
    machine = MACHINES[architecture]
    tags = [f"--platform=manylinux_2_{minor}_{machine}" for minor in (17, 28)]
    with tempfile.TemporaryDirectory() as folder:
        words = ("download", "-qq", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:")
        lock = ("--require-hashes", "-r", "requirements.lock", "--dest", folder)
        run(sys.executable, "-m", "pip", *words, *tags, f"--python-version={PYTHON}", *lock)
