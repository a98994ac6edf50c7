"""A pool over its whole life in reloads: it comes, changes, goes and comes again, under a client."""

import pytest

from tests.netns.lab import Host, wait_until
from tests.netns.lan import address
from tests.netns.pool_stage import PoolStage
from tests.netns.reloading import Reloading
from tests.netns.vrrp_daemon import status

pytestmark = pytest.mark.netns


def metrics_of(stage: PoolStage, pool: str) -> list[str]:
    _, text = status(stage.host, "/metrics")
    return [line for line in text.splitlines() if f'pool="{pool}"' in line]


def test_a_pool_comes_changes_goes_and_comes_again_and_no_request_fails() -> None:
    with PoolStage() as stage:
        stage.start()
        config = Reloading(Host("a", address("a"), 250, stage.host, stage.nginx, stage.sidecar))
        pools, mark = config.document["pools"], stage.client.mark
        app, spare_file = dict(pools["app"]), stage.pool_file.with_name("spare.conf")

        app["servers"] = [stage.address("b")]
        pools["app"] = app
        config.apply()
        stage.await_serving("b")
        assert stage.address("c") not in stage.pool_file.read_text()

        pools["spare"] = {**app, "upstream": "spare", "file": str(spare_file)}
        config.apply()
        wait_until(lambda: stage.pool("spare").get("state") == "live", 10, "the second pool is served")
        assert stage.address("b") in spare_file.read_text()
        assert metrics_of(stage, "spare")

        del pools["spare"], pools["app"]
        config.apply()
        kept = stage.pool_file.read_text()
        wait_until(lambda: not stage.pool() and not stage.pool("spare"), 5, "no pool in the status")
        assert not metrics_of(stage, "spare")
        assert not metrics_of(stage, "app")
        stage.apps["c"].kill()  # nobody looks at it
        stage.watch_for(0.5)
        assert (stage.pool_file.read_text(), spare_file.exists()) == (kept, True)
        stage.apps["c"].start()

        pools["app"] = {**app, "servers": [stage.address("b"), stage.address("c")]}
        config.apply()
        stage.await_serving("b", "c")
        assert stage.failures(mark) == []
        # A machine that lets the process sleep for three intervals of 100 ms takes its role, reload or not.
        moved = [line for line in stage.log("transition") if line["from"] == "MASTER"]
        assert [line for line in moved if line["reason"] != "stall"] == []
