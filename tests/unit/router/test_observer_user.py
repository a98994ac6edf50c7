"""The observer as another user: become for good, ended by the router, and harmless to the router."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from sidecar import privileges
from sidecar.privileges import NET_ADMIN, NET_RAW, NETWORK, SETGID, SETPCAP, SETUID
from sidecar.router.observer_user import UserIds, parsed

ROOT: Final = Path(__file__).parents[3]
USER: Final = 65532
MAY: Final = privileges.of().effective
needs_root = pytest.mark.skipif(
    any(not MAY >> each & 1 for each in (NET_ADMIN, NET_RAW, SETUID, SETGID, SETPCAP)),
    reason="needs root, to become another user; run as root to enable this test",
)
OPENING: Final = f"""
import json, os, signal, sys, time
from functools import partial
from sidecar import privileges
from sidecar.router.launch import launch
from sidecar.router.observer_process import Started
from sidecar.router.observer_user import ObserverUser, Refused, parsed

STAYS = "import os, sys, time; os.write(int(sys.argv[2]), bytes([10])); time.sleep(60)"

def fields(path):
    lines = open(path).read().splitlines()
    said = {{name: value.split() for name, _, value in (line.partition(":") for line in lines)}}
    names = ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs")
    return {{name: said[name] for name in names}}

def begin(user, code):
    read_end, write_end = os.pipe()
    start = partial(launch, ["-S"], code, [str(write_end)], write_end, {{}}, apart=True, become=user.ids)
    pid = user.call(start)
    os.close(write_end)
    return Started(pid, os.pidfd_open(pid), user), open(read_end)

user = ObserverUser(parsed("{USER}:{USER},4242,/nowhere"))
privileges.keep(privileges.NETWORK)
"""


def run_by_others(python: str) -> bool:
    real = Path(python).resolve()
    return all(each.stat().st_mode & 0o1 for each in (real, *real.parents))


@pytest.fixture(scope="module")
def python() -> str:
    """An interpreter that every user may run; a checkout of a developer may be closed to others."""
    for each in (sys.executable, "/usr/bin/python3"):
        if Path(each).exists() and run_by_others(each):
            return str(Path(each).resolve())
    pytest.skip("needs an interpreter that every user may run, such as /usr/bin/python3")


@pytest.fixture(scope="module")
def package() -> Iterator[Path]:
    """A copy of the package that every user may read."""
    folder = Path(tempfile.mkdtemp(prefix="vip-sidecar-"))
    try:
        shutil.copytree(ROOT / "sidecar", folder / "sidecar", ignore=shutil.ignore_patterns("__pycache__"))
        folder.chmod(0o755)
        yield folder
    finally:
        shutil.rmtree(folder)


def driven(python: str, package: Path, code: str) -> subprocess.CompletedProcess[str]:
    words = [python, "-B", "-c", OPENING + code]
    return subprocess.run(words, cwd=package, check=False, capture_output=True, text=True)


def told(python: str, package: Path, code: str) -> Any:
    done = driven(python, package, code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_root
def test_the_observer_is_that_user_alone_and_the_router_stays_what_it_is(python: str, package: Path) -> None:
    said = told(
        python,
        package,
        "child, news = begin(user, STAYS)\n"
        "news.read(1)\n"
        "tasks = sorted(map(int, os.listdir('/proc/self/task')))\n"
        "print(json.dumps([fields('/proc/self/status'), fields(f'/proc/self/task/{tasks[1]}/status'), "
        "fields(f'/proc/{child.pid}/status'), len(tasks)]))\n"
        "child.kill()",
    )
    router, thread, child, tasks = said
    assert tasks == 2
    two = f"{NETWORK:016x}"
    assert router["Uid"] == ["0"] * 4
    assert [router[name] for name in ("CapPrm", "CapEff", "CapBnd")] == [[two]] * 3
    # Real and saved are ours: for a signal or a trace they count.
    assert thread["Uid"] == ["0", str(USER), "0", str(USER)]
    assert child["Uid"] == child["Gid"] == [str(USER)] * 4
    assert child["Groups"] == ["4242"]
    for each in (thread, child):
        assert {each[name][0] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
        assert each["NoNewPrivs"] == ["1"]


@needs_root
def test_the_observer_reads_no_key_and_does_nothing_to_the_router(python: str, package: Path) -> None:
    key = package / "key"
    key.write_text("secret")
    key.chmod(0o600)
    tries = (
        "import ctypes, os, sys\n"
        "def refused(act):\n"
        "    try:\n"
        "        act()\n"
        "    except OSError as error:\n"
        "        return error.errno in (1, 13)\n"
        "    return False\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def trace():\n"
        "    if libc.ptrace(16, os.getppid(), 0, 0):\n"
        "        raise OSError(ctypes.get_errno(), '')\n"
        f"key = lambda: open({str(key)!r})\n"
        "environment = lambda: open(f'/proc/{os.getppid()}/environ')\n"
        "memory = lambda: open(f'/proc/{os.getppid()}/mem', 'rb')\n"
        "acts = [key, environment, memory, trace, lambda: os.kill(os.getppid(), 0), lambda: os.setuid(0), "
        "lambda: os.setresuid(0, 0, 0), lambda: os.setgid(0), lambda: os.setgroups([0])]\n"
        "os.write(int(sys.argv[2]), repr([refused(act) for act in acts]).encode())"
    )
    said = told(
        python,
        package,
        f"child, news = begin(user, {tries!r})\n"
        "print(json.dumps(eval(news.read())))\n"
        "os.waitpid(child.pid, 0)",
    )
    assert said == [True] * 9


@needs_root
def test_the_router_ends_and_replaces_it_without_a_capability_for_that(python: str, package: Path) -> None:
    said = told(
        python,
        package,
        "said = []\n"
        "for _ in range(2):\n"
        "    child, news = begin(user, STAYS)\n"
        "    news.read(1)\n"
        "    try:\n"
        "        os.kill(child.pid, 9)\n"
        "    except PermissionError:\n"
        "        said.append('may not')\n"
        "    child.kill()\n"
        "    said.append(os.waitpid(child.pid, 0)[1])\n"
        "    child.kill()\n"
        "print(json.dumps(said))",
    )
    assert said == ["may not", 9] * 2


@needs_root
def test_a_package_that_the_user_may_not_read_is_named_with_what_mends_it(python: str, package: Path) -> None:
    start = package / "sidecar" / "observer" / "start.py"
    start.chmod(0o600)
    try:
        done = driven(python, package, "")
    finally:
        start.chmod(0o644)
    assert done.returncode != 0
    assert f"may not read {start.resolve()}: chmod a+rX it and the folders above it" in done.stderr


@pytest.mark.parametrize("lacking", ["setuid", "setgid"])
def test_where_that_is_impossible_run_names_the_line_that_mends_it(tmp_path: Path, lacking: str) -> None:
    setpriv = shutil.which("setpriv")
    if setpriv is None or os.geteuid() != 0:
        pytest.skip("needs root and setpriv to take capabilities away; run as root to enable this test")
    # Root regains at exec whatever is left in the bounding set.
    words = [setpriv, f"--bounding-set=-{lacking}", sys.executable, "-m", "sidecar", "run"]
    words += ["--observer-user", f"{USER}:{USER}", "-c", str(tmp_path / "none.yaml")]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert (
        f"cannot start: --observer-user {USER}:{USER} needs the capabilities SETUID and SETGID" in done.stderr
    )
    assert "cap_add: [NET_ADMIN, NET_RAW, SETUID, SETGID, SETPCAP]" in done.stderr
    assert "--cap-add SETUID --cap-add SETGID" in done.stderr
    assert "AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW CAP_SETUID CAP_SETGID" in done.stderr


@pytest.mark.parametrize(
    "text", ["65532", "a:b", "65532:", ":1", "-1:1", "1:4294967295", "1:1,", "1:1,docker"]
)
def test_what_is_no_user_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no UID:GID|is no number of a user or group"):
        parsed(text)


def test_numbers_and_files_name_groups() -> None:
    user = parsed("65532:65533,998,/run/engine/docker.sock")
    assert user == UserIds(65532, 65533, (998, "/run/engine/docker.sock"))
    assert str(user) == "65532:65533,998,/run/engine/docker.sock"


def test_wrong_usage_exits_with_2() -> None:
    words = [sys.executable, "-m", "sidecar", "run", "--observer-user", "nobody"]
    done = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "'nobody' is no UID:GID: write both as numbers, as in 65532:65532" in done.stderr
