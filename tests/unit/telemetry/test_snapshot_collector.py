"""Gauges that are read at the moment of a scrape."""

from math import inf

from prometheus_client.metrics_core import Metric as Family

from sidecar.core.actions import RunHook
from sidecar.core.hook import Hook, HookResult
from sidecar.core.state import State
from sidecar.telemetry.snapshot_collector import SnapshotCollector
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import snapshot


def failing(status_store: StatusStore) -> dict[str, float]:
    families: list[Family] = list(SnapshotCollector(status_store, lambda: 0).collect())
    (family,) = (each for each in families if each.name == "vipsidecar_hook_failing")
    return {each.labels["hook"]: each.value for each in family.samples}


def test_a_hook_that_has_failed_is_shown_until_the_next_one_succeeds(status_store: StatusStore) -> None:
    status_store.publish(snapshot())
    assert failing(status_store) == {}
    run = RunHook("web", Hook.POST_ACQUIRE, 1.0, State.MASTER, 250, inf)
    status_store.hooks.note(run, HookResult.TIMEOUT, "", 0.5, 10.0)
    assert failing(status_store) == {"post_acquire": 1}
    status_store.hooks.note(run, HookResult.SUPERSEDED, "", 0.5, 11.0)
    assert failing(status_store) == {"post_acquire": 1}
    status_store.hooks.note(
        RunHook("web", Hook.POST_RELEASE, 2.0, State.BACKUP, 250, inf), HookResult.OK, "", 0.5, 12.0
    )
    assert failing(status_store) == {"post_acquire": 0, "post_release": 0}
