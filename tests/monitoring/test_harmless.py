"""What happens to every pair now and then, and needs nobody: no alert fires, at no moment."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.monitoring.promtool import TICK, evaluate
from tests.monitoring.recording import ROUTER, Pair

pytestmark = pytest.mark.parts

QUARTER = 900
FIRED = 'count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[1d]))'


def healthy() -> Pair:
    return Pair().run(4 * QUARTER)


def failback() -> Pair:
    """Host a is down for a minute; scrapes see the VIP on both, or on none, or two masters."""
    pair = Pair().run(300)
    pair.a.up = False
    pair.run(TICK)
    pair.b.master()
    pair.run(60)
    pair.a.boot()
    pair.a.backup()
    pair.run(TICK)
    pair.a.master()
    pair.run(TICK)
    pair.b.backup(masters=2)
    pair.run(TICK)
    pair.b.backup()
    return pair.run(QUARTER)


def cold_boot() -> Pair:
    """Both hosts come up within half a minute, the lesser one first, and unfit until checks have run."""
    pair = Pair()
    pair.a.up = pair.b.up = False
    pair.run(30)
    pair.b.boot()
    pair.b.unfit()
    pair.run(TICK)
    pair.b.fit()
    pair.b.master()
    pair.a.boot()
    pair.run(TICK)
    pair.a.master()
    pair.b.backup()
    return pair.run(QUARTER)


def rolling_restart() -> Pair:
    """Each sidecar is replaced by one of the next version, the standby first, with its image to be loaded."""
    pair = Pair().run(300)
    pair.b.up = False
    pair.run(45)
    pair.b.boot()
    pair.b.backup()
    pair.run(120)
    pair.a.up = False
    pair.b.master("priority_zero")
    pair.run(45)
    pair.a.boot()
    pair.a.backup()
    pair.run(TICK)
    pair.a.master()
    pair.b.backup()
    return pair.run(QUARTER)


def drain() -> Pair:
    """The serving host is drained for half an hour, and is back."""
    pair = Pair().run(300)
    pair.a.set("maintenance", 1)
    pair.a.backup()
    pair.b.master("priority_zero")
    pair.run(2 * QUARTER)
    pair.a.set("maintenance", 0)
    pair.run(TICK)
    pair.a.master()
    pair.b.backup()
    return pair.run(QUARTER)


def reload() -> Pair:
    """A new configuration reaches one host after the other, five minutes apart."""
    pair = Pair().run(300)
    for host in pair.hosts:
        host.set("config_shared_hash", 1234)
        pair.run(300)
    return pair.run(QUARTER)


def docker_restart() -> Pair:
    """The engine of the serving host is started anew: all containers are away for a minute."""
    pair = Pair().run(300)
    pair.a.up = False
    pair.b.master("priority_zero")
    pair.run(60)
    pair.a.boot()
    pair.a.backup()
    pair.a.unfit()
    pair.a.set("docker_connected", 0)
    pair.run(30)
    pair.a.set("docker_connected", 1)
    pair.a.fit()
    pair.a.master()
    pair.b.backup()
    return pair.run(QUARTER)


def lost_scrapes() -> Pair:
    """Prometheus does not reach the serving host for two minutes; the VIP is served."""
    pair = Pair().run(300)
    pair.a.up = False
    pair.run(120)
    pair.a.up = True
    return pair.run(QUARTER)


def short_trouble() -> Pair:
    """A check, a server of a pool, Docker and a sender are in trouble for a minute."""
    pair = Pair().run(300)
    for trouble in (1, 0):
        pair.b.set("check_up", not trouble, check="gateway", kind="icmp")
        pair.b.set("pool_servers", trouble, pool="app", state="down")
        pair.b.set("docker_connected", not trouble)
        pair.b.set("vrrp_refused_senders", trouble, router=ROUTER)
        pair.run(60)
    return pair.run(QUARTER)


HARMLESS: list[Callable[[], Pair]] = [
    healthy,
    failback,
    cold_boot,
    rolling_restart,
    drain,
    reload,
    docker_restart,
    lost_scrapes,
    short_trouble,
]


@pytest.mark.parametrize("event", HARMLESS, ids=lambda event: event.__name__)
def test_nobody_is_woken_by_what_heals_itself(event: Callable[[], Pair], tmp_path: Path) -> None:
    pair = event()
    silent = {"expr": FIRED, "eval_time": pair.now, "exp_samples": []}
    assert not evaluate(tmp_path, [pair.group(promql_expr_test=[silent])])


def test_what_looks_for_alerts_that_fired_finds_one_that_is_over(tmp_path: Path) -> None:
    pair = Pair().run(300)
    pair.b.fault()
    pair.run(120)
    pair.b.backup()
    pair.run(QUARTER)
    found = {
        "expr": FIRED,
        "eval_time": pair.now,
        "exp_samples": [{"labels": '{alertname="VipFault"}', "value": 1}],
    }
    assert not evaluate(tmp_path, [pair.group(promql_expr_test=[found])])
