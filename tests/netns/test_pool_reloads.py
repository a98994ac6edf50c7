"""Generations of a pool and the nginx that serves them, or does not."""

import pytest

from tests.netns.lab import wait_until
from tests.netns.lan import address
from tests.netns.pool_stage import PoolStage
from tests.netns.vrrp_daemon import status
from tests.sample import rest

pytestmark = pytest.mark.netns


def test_somebody_elses_broken_configuration_is_not_loaded_and_the_old_generation_serves() -> None:
    with PoolStage() as stage:
        stage.start()
        mark, before = stage.client.mark, stage.pool_file.read_bytes()
        stage.write_nginx_config("nonsense on;")
        stage.apps["c"].kill()
        wait_until(lambda: stage.pool().get("state") == "failed", 5, "the pool has failed")
        line = stage.await_last("pool_changed", result="refused")
        assert "broken outside of this pool" in line["detail"]
        assert "nonsense" in line["detail"]
        assert stage.pool_file.read_bytes() == before
        stage.await_last("server_down", server=stage.address("c"))
        code, body = status(stage.host, "/metrics")
        assert code == 200
        assert 'vipsidecar_pool_reloads_total{pool="app",result="refused"}' in body
        stage.write_nginx_config()
        stage.await_serving("b", within=12)
        # nginx itself passed over the dead server all the while.
        assert stage.failures(mark) == []


def test_an_option_that_nginx_does_not_know_is_rolled_back_and_named() -> None:
    with PoolStage(options=["least_con"]) as stage:
        stage.sidecar.start()
        wait_until(lambda: stage.pool().get("state") == "failed", 15, "the pool has failed")
        assert 'unknown directive "least_con"' in stage.pool()["detail"]
        assert "app 1" not in stage.pool_file.read_text()


def test_a_generation_that_nginx_does_not_serve_is_rolled_back() -> None:
    """A port that is taken: the test passes, because it opens none that is in use, and the reload fails."""
    with PoolStage(reload_timeout="1s") as stage:
        stage.start()
        mark, before = stage.client.mark, stage.pool_file.read_bytes()
        with stage.occupied(8099):
            stage.write_nginx_config(f"server {{ listen {address('a')}:8099; }}")
            stage.apps["c"].kill()
            wait_until(lambda: stage.pool().get("state") == "failed", 10, "the pool has failed")
            stage.await_last("pool_changed", result="unproven")
            assert stage.pool_file.read_bytes() == before
            assert stage.pool()["generation"] == 1
        stage.await_serving("b", within=20)
        assert stage.failures(mark) == []


def test_pools_of_one_nginx_share_a_reload() -> None:
    other = "other_pool-with-the-longest-nam3"
    with PoolStage(others={other: {}}) as stage:
        stage.start()
        wait_until(lambda: stage.pool(other).get("state") == "live", 5, "the other pool is live")
        before = stage.counted('vipsidecar_nginx_reloads_total{result="live"}')
        generation = stage.pool(other)["generation"]
        stage.apps["c"].kill()
        stage.await_serving("b")
        wait_until(lambda: stage.pool(other)["generation"] > generation, 5, "the other pool follows")
        # Two if the verdicts of the two pools were more than a moment apart.
        assert stage.counted('vipsidecar_nginx_reloads_total{result="live"}') - before <= 2


def test_a_bad_pool_holds_up_no_other_of_its_nginx() -> None:
    with PoolStage(others={"bad": {"options": ["least_con"]}}) as stage:
        stage.start()
        wait_until(lambda: stage.pool("bad").get("state") == "failed", 5, "the bad pool has failed")
        assert not stage.pool_file.with_name("bad.conf").exists()
        stage.apps["c"].kill()
        stage.await_serving("b")


def test_a_restarted_sidecar_reloads_nothing_and_knows_who_is_out() -> None:
    with PoolStage() as stage:
        stage.start()
        stage.apps["c"].kill()
        stage.await_serving("b")
        before, generation = stage.pool_file.stat().st_ino, stage.pool()["generation"]
        reloads = len(stage.log("pool_changed"))
        stage.sidecar.kill()
        stage.sidecar.start()
        stage.await_serving("b")
        stage.watch_for(1.5)
        assert len(stage.log("pool_changed")) == reloads
        assert stage.pool_file.stat().st_ino == before
        assert stage.pool()["generation"] == generation


def test_an_nginx_that_is_restarted_serves_the_pool_without_a_reload() -> None:
    with PoolStage() as stage:
        stage.start()
        reloads = len(stage.log("pool_changed"))
        stage.nginx.kill()
        stage.watch_for(0.5)
        stage.nginx.start()
        mark = stage.client.mark
        stage.client.wait(lambda answer: bool(answer.who), 5, mark, "an answer")
        stage.watch_for(2.5)
        assert len(stage.log("pool_changed")) == reloads
        wait_until(lambda: stage.pool().get("state") == "live", 5, "the pool is live")


def test_a_change_while_nginx_is_down_reaches_it_when_it_is_back() -> None:
    with PoolStage() as stage:
        stage.start()
        stage.nginx.kill()
        stage.apps["c"].kill()
        wait_until(lambda: stage.pool().get("state") == "failed", 5, "there is no nginx to tell")
        stage.await_last("pool_changed", result="absent")
        stage.nginx.start()
        stage.await_serving("b", within=6)


def test_a_pid_that_belongs_to_somebody_else_is_never_signalled() -> None:
    with PoolStage() as stage:
        stage.start()
        pid_file = stage.folder / "nginx" / "nginx.pid"
        master = pid_file.read_text()
        pid_file.write_text("1")
        stage.apps["c"].kill()
        wait_until(lambda: stage.pool().get("state") == "failed", 5, "the master is not found")
        assert "is no nginx master" in stage.pool()["detail"]
        pid_file.write_text(master)
        stage.await_serving("b", within=12)


def test_a_file_that_somebody_overwrote_is_written_again() -> None:
    with PoolStage() as stage:
        stage.start()
        stage.pool_file.write_text(f"upstream app {{ server {stage.address('b')}; }}\n")
        wait_until(lambda: stage.pool_file.read_text().startswith("# Written by vip-sidecar"), 6, "our file")
        stage.await_serving("b", "c")
        wait_until(lambda: bool(stage.log("pool_drift")), 5, "the drift in the log")


@pytest.mark.timeout(180)
@pytest.mark.parametrize("reloads", [40, rest(100)])
def test_many_reloads_under_load_lose_no_request(reloads: int) -> None:
    check = {"http": "/healthz", "every": "100ms", "timeout": "100ms", "rise": 1, "fall": 1}
    with PoolStage(reload_every="100ms", check=check) as stage:
        stage.start()
        mark = stage.client.mark
        for number in range(reloads):
            done = len(stage.log("pool_changed"))
            stage.set_mode("c", ("error", "ok")[number % 2])
            wait_until(lambda done=done: len(stage.log("pool_changed")) > done, 5, "one more reload")  # type: ignore[misc]
        assert {line["result"] for line in stage.log("pool_changed")} == {"live"}
        assert stage.failures(mark) == []
        assert len(stage.client.since(mark)) > 10 * reloads
