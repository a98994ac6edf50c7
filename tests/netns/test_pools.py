"""A pool of application servers behind a real nginx, in namespaces: the nginx of a pid file."""

import time

import pytest

from tests.netns.bounds import BUSY
from tests.netns.pool_stage import PoolStage

pytestmark = pytest.mark.netns


def test_a_killed_server_leaves_and_returns_and_no_client_notices() -> None:
    with PoolStage() as stage:
        stage.start()
        mark = stage.client.mark
        killed = time.time()
        stage.apps["c"].kill()
        stage.await_serving("b")
        stage.watch_for(0.5)
        assert stage.last_tried("c") - killed < 0.2 + 0.1 + 0.3 + BUSY
        stage.apps["c"].start()
        stage.await_serving("b", "c")
        assert stage.failures(mark) == []
        assert [line["result"] for line in stage.reloads()] == ["live"] * 3
