"""The running sidecar, asked."""

import json
from http import HTTPStatus

import pytest

from sidecar.doctor.readers.status import NotReady, read_removed, read_status
from sidecar.telemetry.metric_table import METRICS, PREFIX

PAGE = b"""# HELP vipsidecar_vip_external_changes_total Changes of others.
# TYPE vipsidecar_vip_external_changes_total counter
vipsidecar_vip_external_changes_total{change="added",router="web"} 7.0
vipsidecar_vip_external_changes_total{change="removed",router="web"} 2.0
vipsidecar_vip_external_changes_total{change="removed",router="api"} 0.0
"""


def test_the_document_is_read_or_its_absence_is_said() -> None:
    assert read_status(lambda _: (HTTPStatus.OK, json.dumps({"node": "a"}).encode()))["node"] == "a"
    with pytest.raises(NotReady, match="starting"):
        read_status(lambda _: (HTTPStatus.SERVICE_UNAVAILABLE, b"starting: nothing decided yet\n"))


def test_removals_by_others_are_counted_by_router() -> None:
    assert read_removed(lambda _: (HTTPStatus.OK, PAGE)) == {"web": 2, "api": 0}
    (metric,) = [each for each in METRICS if PREFIX + each.name == "vipsidecar_vip_external_changes_total"]
    assert set(metric.labels) == {"router", "change"}
