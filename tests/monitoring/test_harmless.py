"""What happens to every pair now and then, and needs nobody: no alert fires, at no moment."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.monitoring.harmless import HARMLESS, QUARTER
from tests.monitoring.promtool import evaluate
from tests.monitoring.recording import Pair

pytestmark = pytest.mark.parts

FIRED = 'count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[1d]))'


@pytest.mark.parametrize("event", HARMLESS, ids=lambda event: event.__name__)
def test_nobody_is_woken_by_what_heals_itself(event: Callable[[Pair], None], tmp_path: Path) -> None:
    pair = Pair()
    event(pair)
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
