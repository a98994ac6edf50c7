"""A running sidecar restarts its crashed container, counts it, says so, and serves again."""

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.own_engine import OwnEngine
from tests.e2e.proxy import proxy
from tests.netns.bounds import QUICK
from tests.netns.lab import Lab, wait_until
from tests.netns.vrrp_daemon import Setup, answered, router_status

pytestmark = [pytest.mark.e2e, pytest.mark.netns, pytest.mark.timeout(120)]

CHECKS = {"nginx": {"container": "nginx", "on_fail": "restart"}}


def lines(lab: Lab, event: str) -> list[dict[str, Any]]:
    """Lines of the log of host a's sidecar under this name."""
    return [line for line in lab.hosts["a"].daemon.said() if line["event"] == event]


@pytest.mark.parametrize("allowed", [True, False], ids=["allowed", "forbidden"])
def test_a_crashed_container_is_restarted_where_that_is_allowed(tmp_path: Path, *, allowed: bool) -> None:
    result = "ok" if allowed else "denied"
    counter = f'vipsidecar_container_restarts_total{{check="nginx",result="{result}"}}'
    with OwnEngine() as engine, proxy(tmp_path / "proxy", engine.socket, restarts=allowed) as before:
        engine.run("nginx")
        setup = Setup(interval=QUICK, checks=CHECKS, docker={"a": before.url})
        with Lab(setup, hosts=1) as lab:
            lab.start()
            namespace = lab.hosts["a"].namespace
            wait_until(lambda: router_status(namespace)["priority"]["effective"] == 250, 5, "the check is up")
            assert f"{counter} 0.0" in answered(namespace, "/metrics")
            engine.crash("nginx")
            # A container that is started again at once may be up before anybody asks.
            wait_until(
                lambda: (
                    router_status(namespace)["priority"]["effective"] == 1
                    or bool(allowed and lines(lab, "container_restart"))
                ),
                3,
                "the check is down",
            )
            wait_until(lambda: f"{counter} 1.0" in answered(namespace, "/metrics"), 10, "one try")
            if allowed:
                wait_until(
                    lambda: router_status(namespace)["priority"]["effective"] == 250, 3, "it is up again"
                )
            else:
                wait_until(lambda: f"{counter} 2.0" in answered(namespace, "/metrics"), 10, "a second try")
            wait_until(lambda: bool(lines(lab, "container_restart")), 5, "it is in the log")
            (said,) = lines(lab, "container_restart")
            assert (said["check"], said["result"]) == ("nginx", result)
            assert lines(lab, "crash") == []
