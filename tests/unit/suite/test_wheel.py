"""The wheel as docs/hosts.md installs it: built and installed offline, in a venv of its own, and run."""

import importlib.util
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from sidecar import __version__

pytestmark = [
    pytest.mark.parts,
    pytest.mark.skipif(
        importlib.util.find_spec("hatchling") is None,
        reason="no hatchling; a .venv made from requirements-dev.lock has it",
    ),
]

ROOT = Path(__file__).parents[3]


def pip(*words: str) -> None:
    argv = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv that has the wheel, and beside it the packages that this one has."""
    folder = tmp_path_factory.mktemp("opt") / "vip-sidecar"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    pip("--python", str(python), "install", "--no-index", "--no-deps", str(wheel))
    own = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    Path(own, "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def run(folder: Path, program: str, *words: str) -> str:
    """Run a program of the venv where nothing of this source tree is in reach."""
    environment = {"PATH": os.environ["PATH"], "PRIORITY": "250"}
    argv = [str(folder / "bin" / program), *words]
    done = subprocess.run(
        argv, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_named_as_the_page_says_and_has_the_package_alone(wheel: Path) -> None:
    assert wheel.name == f"vip_sidecar-{__version__}-py3-none-any.whl"
    assert wheel.name in (ROOT / "docs" / "hosts.md").read_text(encoding="utf-8")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = {file for file in (ROOT / "sidecar").rglob("*") if file.is_file()}
    ours = {str(file.relative_to(ROOT)) for file in files if "__pycache__" not in file.parts}
    assert names == ours


def test_the_command_runs_from_there(installed: Path) -> None:
    where = run(installed, "python", "-c", "import sidecar; print(sidecar.__file__)")
    assert Path(where.strip()).is_relative_to(installed)
    assert run(installed, "vip-sidecar", "version").startswith(f"vip-sidecar {__version__}")
    checked = run(installed, "vip-sidecar", "check-config", "-c", str(ROOT / "examples" / "host.yaml"))
    assert "VRID 51 on eth0, priority 250" in checked
