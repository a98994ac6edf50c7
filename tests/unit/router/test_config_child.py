"""The output of the configuration child, and the reaction to a child that fails.

Modules: cli.config_child, router.launch.
"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sidecar.channel.observer_plan import OBSERVER_PLAN
from sidecar.channel.package import Package
from sidecar.channel.parameters import NODE_PARAMS
from sidecar.cli.config_child import main
from sidecar.router import config_child
from sidecar.router.config_child import package_of

pytestmark = pytest.mark.parts

GOOD = """
node: a
virtual_routers:
  web:
    interface: eth0
    vrid: 51
    priority: ${PRIORITY:?say it}
    version: 2
    addresses: [10.77.0.100]
    auth: {pass: geheim}
checks:
  gw: {icmp: 10.77.0.1}
  six: {icmp: "2001:db8::1"}
control: {socket: SOCKET}
"""


def flood(end: int) -> int:
    while True:
        os.write(end, bytes(1 << 20))


def file(folder: Path, text: str = GOOD) -> str:
    path = folder / "config.yaml"
    path.write_text(text.replace("SOCKET", str(folder / "control.sock")))
    return str(path)


def test_the_router_gets_keys_and_the_observer_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRIORITY", "250")
    package = package_of(file(tmp_path), main)
    assert isinstance(package, Package)
    (router,) = NODE_PARAMS.decode(package.node).routers
    assert (router.priority, router.password) == (250, b"geheim")
    plan = OBSERVER_PLAN.decode(package.observer)
    assert (plan.node, [check.name for check in plan.checks]) == ("a", ["gw", "six"])
    assert b"geheim" not in package.observer
    assert (package.ipv4, package.ipv6) == (1, 1)


def test_mistakes_are_said_by_the_child_and_its_status_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRIORITY", "999")
    assert package_of(file(tmp_path), main) == 2
    said = capfd.readouterr()
    assert "1 error in" in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("child", "said"),
    [
        (lambda _: os.kill(os.getpid(), signal.SIGKILL), "was killed by signal 9"),
        (lambda end: os.write(end, b"nonsense") and 0, "printed something else"),
        (lambda _: time.sleep(60), "did not end within"),
        (flood, "did not end within"),
    ],
    ids=["killed", "nonsense", "hangs", "floods"],
)
def test_a_child_that_fails_is_no_start(
    child: Callable[[int], int],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(config_child, "PATIENCE", 2.0)
    status = package_of(file(tmp_path), lambda _, end: child(end))
    assert status == 1, "no mistake of the file: it may be tried again"
    assert f"the process that reads the configuration {said}" in capfd.readouterr().err


def test_a_child_that_crashes_says_where_and_returns_into_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def crash(_file: str, _end: int) -> int:
        raise ZeroDivisionError("a crash")

    us = os.getpid()
    assert package_of(file(tmp_path), crash) == 1
    assert os.getpid() == us
    assert "ZeroDivisionError: a crash" in capfd.readouterr().err


def test_something_else_is_done_while_the_child_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child waits for the file, which is a pipe, until that was done."""
    monkeypatch.setenv("PRIORITY", "250")
    path = tmp_path / "config.yaml"
    os.mkfifo(path)
    text = GOOD.replace("SOCKET", str(tmp_path / "control.sock"))
    assert isinstance(package_of(str(path), main, lambda: path.write_text(text)), Package)
