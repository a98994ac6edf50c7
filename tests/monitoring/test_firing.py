"""Each alert fires at its fault, with the labels that its text uses, and no other one does that need not."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sidecar import __version__
from tests.monitoring.promtool import TICK, evaluate
from tests.monitoring.recording import ROUTER, VIP, Host, Pair, written
from tests.monitoring.rules import alerts

pytestmark = pytest.mark.parts

MINUTE = 60
_OF_CLUSTER = {"cluster": "lab"}
_OF_ROUTER = {"cluster": "lab", "router": ROUTER}
_OF_VIP = {"cluster": "lab", "router": ROUTER, "vip": VIP}


def _of(host: str, **more: str) -> dict[str, str]:
    return {"cluster": "lab", "instance": f"{host}:9650", "job": "vip-sidecar", **more}


@dataclass(frozen=True)
class Fault:
    """What happens to a pair that is well, for how many seconds at least, and the alerts that fire then."""

    happens: Callable[[Pair], object]
    lasts: int
    fires: dict[str, dict[str, str]]
    tick: int = TICK
    """Seconds between two scrapes. What lasts for hours need not be looked at every quarter of a minute."""


def nobody(pair: Pair) -> None:
    pair.a.backup(masters=0)
    pair.b.backup(masters=0)


def all_down(pair: Pair) -> None:
    pair.a.up = pair.b.up = False


def split(pair: Pair) -> None:
    pair.b.master()


def taken_over(pair: Pair) -> None:
    pair.a.backup(masters=1)


def unfit(pair: Pair) -> None:
    pair.b.unfit()


def both_unfit(pair: Pair) -> None:
    pair.a.unfit()
    pair.b.unfit()


def flaps(pair: Pair) -> None:
    for _ in range(4):
        for up, down in ((pair.b, pair.a), (pair.a, pair.b)):
            up.master("priority_zero")
            down.backup()
            pair.run(30)


def late(pair: Pair) -> None:
    """One advert in twenty is late by 200 ms to 500 ms."""
    for _ in range(60):
        exact = (
            "0.0001",
            "0.0002",
            "0.0005",
            "0.001",
            "0.002",
            "0.005",
            "0.01",
            "0.02",
            "0.05",
            "0.1",
            "0.2",
        )
        for bound in exact:
            pair.a.count("timer_lateness_seconds_bucket", 19, timer="advert", le=bound)
        for bound in ("0.5", "1.0", "+Inf"):
            pair.a.count("timer_lateness_seconds_bucket", 20, timer="advert", le=bound)
        pair.run(15)


def again_and_again(name: str, **labels: str) -> Callable[[Pair], None]:
    def happens(pair: Pair) -> None:
        for _ in range(8):
            pair.b.count(name, 1, **labels)
            pair.run(30)

    return happens


def gauge(name: str, value: float, **labels: str) -> Callable[[Pair], None]:
    return lambda pair: pair.b.set(name, value, **labels)


def serving(happens: Callable[[Pair], None]) -> Callable[[Pair], None]:
    """The same, where the host is the one that serves."""

    def turned(pair: Pair) -> None:
        pair.a, pair.b = pair.b, pair.a
        happens(pair)

    return turned


def pool_is(up: int, down: int) -> Callable[[Pair], None]:
    def happens(pair: Pair) -> None:
        pair.b.set("pool_servers", up, pool="app", state="up")
        pair.b.set("pool_servers", down, pool="app", state="down")

    return happens


def not_live(pair: Pair) -> None:
    pair.b.set("pool_state", 0, pool="app", state="live")
    pair.b.set("pool_state", 1, pool="app", state="failed")


def unlabelled(pair: Pair) -> None:
    alone = Host("c", 200, cluster="", ticks=pair.ticks)
    alone.master()
    pair.hosts.append(alone)


def _alert(name: str, labels: dict[str, str]) -> str:
    severity = alerts()[name].severity
    return written(
        {"__name__": "ALERTS", **labels, "alertname": name, "alertstate": "firing", "severity": severity}
    )


_IN_FAULT = _of("b", router=ROUTER, state="FAULT")
_HTTP = {"check": "http", "kind": "http"}
_BUILD = _of("c", cluster="", version=__version__, revision="unknown")

FAULTS = {
    "VipNoHolder": Fault(nobody, 1 * MINUTE, {"VipNoHolder": _OF_VIP}),
    "VipClusterDown": Fault(all_down, 2 * MINUTE, {"VipClusterDown": _OF_CLUSTER}),
    "VipTwoHolders": Fault(split, 1 * MINUTE, {"VipTwoHolders": _OF_VIP}),
    "VipSecondMaster": Fault(
        gauge("vrrp_masters_observed", 2, router=ROUTER),
        1 * MINUTE,
        {"VipSecondMaster": _of("b", router=ROUTER)},
    ),
    "VipClaimedByOther": Fault(
        gauge("vrrp_lan_findings", 1, router=ROUTER, kind="vip_answered"),
        1 * MINUTE,
        {"VipClaimedByOther": _of("b", router=ROUTER, kind="vip_answered")},
    ),
    "VipOtherSpeaker": Fault(
        gauge("vrrp_lan_findings", 1, router=ROUTER, kind="other_speaker"),
        2 * MINUTE,
        {"VipOtherSpeaker": _of("b", router=ROUTER, kind="other_speaker")},
    ),
    "VipMasterSilent": Fault(
        gauge("vrrp_lan_findings", 1, router=ROUTER, kind="silent_master"),
        6 * MINUTE,
        {"VipMasterSilent": _of("b", router=ROUTER, kind="silent_master")},
    ),
    "VipServedElsewhere": Fault(taken_over, 2 * MINUTE, {"VipServedElsewhere": _OF_VIP}),
    "VipNoStandby": Fault(
        unfit, 6 * MINUTE, {"VipNoStandby": _OF_ROUTER, "VipCheckFailing": _of("b", **_HTTP)}
    ),
    "VipFailOpen": Fault(both_unfit, 2 * MINUTE, {"VipFailOpen": _of("a", router=ROUTER, state="MASTER")}),
    "VipFlapping": Fault(flaps, 0, {"VipFlapping": _OF_ROUTER}),
    "VipSidecarDown": Fault(
        lambda pair: setattr(pair.b, "up", False), 4 * MINUTE, {"VipSidecarDown": _of("b")}
    ),
    "VipFault": Fault(lambda pair: pair.b.fault(), 2 * MINUTE, {"VipFault": _IN_FAULT}),
    "VipCannotSend": Fault(
        serving(gauge("vrrp_cannot_send", 1, router=ROUTER)),
        1 * MINUTE,
        {"VipCannotSend": _of("a", router=ROUTER)},
    ),
    "VipCannotSendOnStandby": Fault(
        gauge("vrrp_cannot_send", 1, router=ROUTER),
        1 * MINUTE,
        {"VipCannotSendOnStandby": _of("b", router=ROUTER)},
    ),
    "VipLoopStuck": Fault(gauge("loop_beat_age_seconds", 5), 2 * MINUTE, {"VipLoopStuck": _of("b")}),
    "VipTimersLate": Fault(
        late, 0, {"VipTimersLate": {"cluster": "lab", "instance": "a:9650", "timer": "advert"}}
    ),
    "VipObserverRestarting": Fault(
        again_and_again("observer_restarts_total"), 0, {"VipObserverRestarting": _of("b")}
    ),
    "VipRemovedByOther": Fault(
        again_and_again("vip_external_changes_total", router=ROUTER, change="removed"),
        0,
        {"VipRemovedByOther": _of("b", router=ROUTER, change="removed")},
    ),
    "VipHookFailing": Fault(
        gauge("hook_failing", 1, router=ROUTER, hook="pre_acquire"),
        2 * MINUTE,
        {"VipHookFailing": _of("b", router=ROUTER, hook="pre_acquire")},
    ),
    "VipCheckFailing": Fault(
        gauge("check_up", 0, **_HTTP), 4 * MINUTE, {"VipCheckFailing": _of("b", **_HTTP)}
    ),
    "VipCertificateEnding": Fault(
        gauge("check_certificate_expiry_timestamp_seconds", 86400, check="http"),
        65 * MINUTE,
        {"VipCertificateEnding": _of("b", check="http")},
        MINUTE,
    ),
    "VipDockerAway": Fault(gauge("docker_connected", 0), 4 * MINUTE, {"VipDockerAway": _of("b")}),
    "VipPoolEmpty": Fault(
        serving(pool_is(0, 4)), 2 * MINUTE, {"VipPoolEmpty": _of("a", pool="app", state="up")}
    ),
    "VipPoolEmptyOnStandby": Fault(
        pool_is(0, 4), 2 * MINUTE, {"VipPoolEmptyOnStandby": _of("b", pool="app", state="up")}
    ),
    "VipPoolShort": Fault(pool_is(3, 1), 6 * MINUTE, {"VipPoolShort": _of("b", pool="app", state="down")}),
    "VipPoolNotLive": Fault(not_live, 6 * MINUTE, {"VipPoolNotLive": _of("b", pool="app", state="live")}),
    "VipAdvertsRefused": Fault(
        gauge("vrrp_refused_senders", 1, router=ROUTER),
        3 * MINUTE,
        {"VipAdvertsRefused": _of("b", router=ROUTER)},
    ),
    "VipUnknownMaster": Fault(
        again_and_again("errors_total", component="election", reason="unknown_master"),
        0,
        {"VipUnknownMaster": _of("b")},
    ),
    "VipClocksApart": Fault(
        again_and_again("vrrp_adverts_dropped_total", router=ROUTER, reason="auth_stale"),
        0,
        {"VipClocksApart": _of("b")},
    ),
    "VipReloadRefused": Fault(
        gauge("config_last_reload_successful", 0), 2 * MINUTE, {"VipReloadRefused": _of("b")}
    ),
    "VipConfigDrift": Fault(gauge("config_shared_hash", 42), 16 * MINUTE, {"VipConfigDrift": _OF_CLUSTER}),
    "VipDrainForgotten": Fault(
        gauge("maintenance", 1), 245 * MINUTE, {"VipDrainForgotten": _of("b")}, MINUTE
    ),
    "VipNoClusterLabel": Fault(unlabelled, 11 * MINUTE, {"VipNoClusterLabel": _BUILD}),
}
"""By the alert that each fault must raise."""


@pytest.mark.parametrize(("works", "alert"), [(True, set()), (False, {"VipNoStandby", "VipCheckFailing"})])
def test_a_drain_hides_no_host_that_fails_beside_it(works: bool, alert: set[str], tmp_path: Path) -> None:
    """Of three hosts one is drained: that leaves a standby, or it is missing."""
    pair = Pair()
    pair.hosts.append(third := Host("c", 230))
    third.backup()
    third.set("maintenance", 1)
    third.set("vrrp_priority_effective", 1, router=ROUTER)
    if not works:
        pair.b.unfit()
    pair.run(6 * MINUTE)
    fires = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in alert]
    firing = {
        "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
        "eval_time": pair.now,
        "exp_samples": fires,
    }
    assert not evaluate(tmp_path, [pair.group(promql_expr_test=[firing])])


@pytest.mark.parametrize(("ends", "said"), [(10 * 86400, "ends in 9d 22h 0m 0s"), (3600, "has ended")])
def test_a_certificate_that_has_ended_does_not_end_in_days_to_come(
    ends: int, said: str, tmp_path: Path
) -> None:
    pair = Pair(MINUTE)
    pair.b.set("check_certificate_expiry_timestamp_seconds", ends, check="http")
    pair.run(121 * MINUTE)
    texts = dict(alerts()["VipCertificateEnding"].annotations)
    texts["summary"] = f"The certificate behind http {said}"
    for name, text in texts.items():
        texts[name] = text.replace("{{ $labels.check }}", "http").replace("{{ $labels.instance }}", "b:9650")
    fires = [{"exp_labels": {"severity": "warning"} | _of("b", check="http"), "exp_annotations": texts}]
    test = {"eval_time": pair.now, "alertname": "VipCertificateEnding", "exp_alerts": fires}
    assert not evaluate(tmp_path, [pair.group(alert_rule_test=[test])], MINUTE)


@pytest.mark.parametrize("alert", FAULTS)
def test_each_alert_fires_alone_at_its_fault(alert: str, tmp_path: Path) -> None:
    fault = FAULTS[alert]
    pair = Pair(fault.tick).run(2 * MINUTE)
    quiet = {"expr": "ALERTS", "eval_time": pair.now, "exp_samples": []}
    fault.happens(pair)
    pair.run(fault.lasts)
    fires = [{"labels": _alert(name, labels), "value": 1} for name, labels in fault.fires.items()]
    firing = {"expr": 'ALERTS{alertstate="firing"}', "eval_time": pair.now, "exp_samples": fires}
    assert not evaluate(tmp_path, [pair.group(promql_expr_test=[quiet, firing])], fault.tick)
