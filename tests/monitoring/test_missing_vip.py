"""A VIP that is on no host: which alert fires depends on whether a host that serves lists it."""

from pathlib import Path

import pytest

from tests.monitoring.promtool import evaluate
from tests.monitoring.recording import ROUTER, VIP, Pair

pytestmark = pytest.mark.parts

FIRING = 'count by (alertname, vip) (ALERTS{alertstate="firing"})'


def test_one_that_the_master_lists_is_missing(tmp_path: Path) -> None:
    pair = Pair().run(120)
    pair.a.set("vip_owned", 0, router=ROUTER, vip=VIP)
    pair.run(120)
    fires = [{"labels": f'{{alertname="VipNoHolder", vip="{VIP}"}}', "value": 1}]
    firing = {"expr": FIRING, "eval_time": pair.now, "exp_samples": fires}
    assert not evaluate(tmp_path, [pair.group(promql_expr_test=[firing])])


def test_one_that_the_standby_alone_lists_is_drift_and_nothing_else(tmp_path: Path) -> None:
    """The file of the other host is not the same yet, or has another prefix length."""
    pair = Pair().run(120)
    pair.b.add_vip("10.77.0.100/24", held=False)
    pair.b.set("config_shared_hash", 42)
    pair.run(1200)
    fires = [{"labels": '{alertname="VipConfigDrift"}', "value": 1}]
    firing = {"expr": FIRING, "eval_time": pair.now, "exp_samples": fires}
    assert not evaluate(tmp_path, [pair.group(promql_expr_test=[firing])])


def test_one_that_a_host_of_ours_has_under_another_name_is_not_served_elsewhere(tmp_path: Path) -> None:
    """The router is renamed, and the file has reached the standby alone."""
    pair = Pair().run(120)
    pair.b.rename_router("www")
    pair.run(240)
    firing = {"expr": FIRING, "eval_time": pair.now, "exp_samples": []}
    assert not evaluate(tmp_path, [pair.group(promql_expr_test=[firing])])
