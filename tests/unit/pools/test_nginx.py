"""Answers of nginx, its pid file and the engine: each way to fail has a name."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sidecar.plan.container import ContainerSelection
from sidecar.pools.nginx import NginxAbsent, NginxUnreachable, complaint
from sidecar.pools.nginx_container import NginxContainer
from sidecar.pools.nginx_process import NginxProcess
from sidecar.programs.fork_server import ForkServer
from tests.netns.processes import gone
from tests.unit.checks.engine import Engine, Mood, scripted_engine

pytestmark = pytest.mark.parts

WEB = ContainerSelection("web")

REFUSED = b"""\
nginx: [alert] could not open error log file: open() "/var/log/nginx/error.log" failed (30)
2026/11/25 01:17:28 [warn] 9#9: conflicting server name "x" on 0.0.0.0:80, ignored
2026/11/25 01:17:28 [emerg] 9#9: unknown directive "nonsense" in /etc/nginx/pools/zz.conf:1
nginx: configuration file /etc/nginx/nginx.conf test failed
"""


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (REFUSED, 'unknown directive "nonsense" in /etc/nginx/pools/zz.conf:1'),
        (b"nginx: [emerg] no servers are inside upstream in a:1\n", "no servers are inside upstream in a:1"),
        (b"sh: nginx: not found\n\n", "sh: nginx: not found"),
        (b"", "it failed and said nothing"),
        (b"[emerg] \x1b[2J\xff", "?[2J\ufffd"),
    ],
)
def test_the_sentence_that_matters(output: bytes, said: str) -> None:
    assert complaint(output) == said


def outcome(*test: str, timeout: float = 20.0) -> str | None:
    async def run() -> str | None:
        programs = ForkServer()
        try:
            return await NginxProcess(Path("/nonexistent/pid"), test, timeout, programs).test()
        finally:
            programs.close()

    return asyncio.run(run())


def reload(tmp_path: Path) -> None:
    asyncio.run(NginxProcess(tmp_path / "nginx.pid", (), 2.0, ForkServer()).reload())


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


def test_a_test_that_passes_or_fails() -> None:
    assert outcome(*python("")) is None
    failing = python("import sys; print('[emerg] no'); sys.exit(1)")
    assert outcome(*failing) == "no"
    assert outcome() is None


def test_a_test_that_floods_is_read_to_its_end_in_bounded_memory() -> None:
    flood = python(
        "import sys; [print('x' * 1000) for _ in range(20_000)]; print('[emerg] last'); sys.exit(1)"
    )
    assert outcome(*flood, timeout=20.0) == "last"


def test_a_test_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.fork() or os.getpid())); time.sleep(60)"
    began = time.monotonic()
    with pytest.raises(NginxUnreachable, match="did not end within 3 s"):
        outcome(*python(code), timeout=3.0)
    assert time.monotonic() - began < 10
    deadline = time.monotonic() + 20
    while not gone(int(mark.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_test_program_has_our_environment_and_our_descriptors_are_not_its(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/proxy.sock")
    code = "import os; print('[emerg]', os.environ['DOCKER_HOST'], len(os.listdir('/proc/self/fd'))); exit(1)"
    assert outcome(*python(code)) == "unix:///run/proxy.sock 4"


def test_a_test_program_that_is_not_there() -> None:
    with pytest.raises(NginxUnreachable, match="cannot be run: no such file"):
        outcome("/nonexistent/nginx", "-t")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "there is no file"),
        ("", "holds no process number"),
        ("0", "holds no process number"),
        ("-1", "holds no process number"),
        ("99999999999", "holds no process number"),
        (str(2**22 + 1), "there is no process"),
        ("1", "is no nginx master"),
    ],
)
def test_who_is_no_nginx_master_is_never_signalled(tmp_path: Path, content: str | None, why: str) -> None:
    if content is not None:
        (tmp_path / "nginx.pid").write_text(content)
    with pytest.raises(NginxAbsent, match=why):
        reload(tmp_path)


def test_a_master_gets_one_hup(tmp_path: Path) -> None:
    code = "import signal; print(flush=True); signal.sigwait({signal.SIGHUP}); print('hup')"
    block = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP}); "
    argv = ["nginx: master process x", "-c", block + code]
    with subprocess.Popen(argv, executable=sys.executable, stdout=subprocess.PIPE) as master:
        assert master.stdout is not None
        master.stdout.readline()
        (tmp_path / "nginx.pid").write_text(f"{master.pid}\n")
        reload(tmp_path)
        assert master.stdout.read() == b"hup\n"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with scripted_engine(tmp_path / "docker.sock") as made:
        yield made


@pytest.mark.parametrize(
    ("mood", "reason"),
    [(Mood.HANGS, "docker_timeout"), (Mood.BABBLES, "docker_protocol")],
)
def test_an_engine_that_does_not_help_is_named(engine: Engine, mood: Mood, reason: str) -> None:
    said: list[str] = []

    async def go_bad() -> None:
        nginx = NginxContainer(engine.url, WEB, ("nginx", "-t"), 2.0, said.append)
        await nginx.prepare()
        engine.mood = mood
        await nginx.test()

    with pytest.raises(NginxUnreachable) as raised:
        asyncio.run(go_bad())
    assert raised.value.reason == reason


def test_where_exec_is_denied_nothing_is_tested_and_that_is_told_once(engine: Engine) -> None:
    said: list[str] = []

    async def scenario() -> None:
        nginx = NginxContainer(engine.url, WEB, ("nginx", "-t"), 10.0, said.append)
        await nginx.prepare()
        engine.mood = Mood.FORBIDS
        assert await nginx.test() is None
        assert await nginx.test() is None
        with pytest.raises(NginxUnreachable, match="status 403"):
            await nginx.reload()

    asyncio.run(scenario())
    assert len(said) == 1
    assert "`test: []`" in said[0]


def test_a_container_that_is_not_there_is_absent(engine: Engine) -> None:
    said: list[str] = []
    engine.container = None
    nginx = NginxContainer(engine.url, WEB, ("nginx", "-t"), 10.0, said.append)
    with pytest.raises(NginxAbsent, match="container web does not exist"):
        asyncio.run(nginx.test())


def test_an_engine_that_is_not_there_is_named(tmp_path: Path) -> None:
    said: list[str] = []
    nginx = NginxContainer(f"unix://{tmp_path}/none.sock", WEB, ("nginx", "-t"), 10.0, said.append)
    with pytest.raises(NginxUnreachable) as raised:
        asyncio.run(nginx.prepare())
    assert raised.value.reason == "docker_unreachable"
