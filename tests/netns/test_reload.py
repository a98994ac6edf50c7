"""A reload of a real pair, seen by a client every 2 ms: only what the plan announces is noticed.

Modules: cli.reload.
"""

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import pytest

from tests.netns.lab import PATIENT, Lab, wait_until
from tests.netns.lan import VIP
from tests.netns.reloading import Reloading
from tests.netns.sightings import longest_gap
from tests.netns.vrrp_daemon import Setup, router_status, status

pytestmark = [pytest.mark.netns, pytest.mark.timing]

A = 0.1
UNNOTICED = 0.1
"""Seconds without an answer that a change which nobody notices may cost on a quiet machine."""
MORE = "10.77.0.101/32"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(Setup(interval=A), patience=PATIENT) as made:
        made.start()
        made.settle()
        yield made


def unnoticed(lab: Lab, change: Callable[[], object]) -> None:
    """No client notices that change, and the VIP stays where it is."""
    since, mark = time.monotonic(), lab.witness.mark
    change()
    lab.watch_for(1.0)
    gap = longest_gap(lab.client.since(), since)
    assert gap < UNNOTICED + lab.grace(since), gap
    vip = lab.setup.vip
    assert not [each for each in lab.witness.since(mark) if each.is_("removed", address=vip)]
    assert lab.holders() == ["a"]


class Pair(NamedTuple):
    """The files of both hosts."""

    a: Reloading
    b: Reloading


def log_level(pair: Pair) -> None:
    a = pair.a
    a.document["log"]["level"] = "debug"
    a.apply()


def listen(pair: Pair) -> None:
    a = pair.a
    a.document["http"]["listen"] = "127.0.0.1:9651"
    a.apply()
    a.document["http"]["listen"] = "127.0.0.1:9650"
    a.apply()


def control(pair: Pair) -> None:
    a = pair.a
    before = dict(a.document["control"])
    moved = before["socket"].replace("control", "moved")
    a.document["control"]["socket"] = moved
    a.write()
    a.document["control"] = before
    assert a.reload()[0] == 0
    a.document["control"] = {"socket": moved}


def checks(pair: Pair) -> None:
    a = pair.a
    kept = dict(a.document["checks"])
    a.document["checks"]["more"] = {"link": "eth0"}
    a.document["checks"]["http"] |= {"rise": 5}
    a.apply()
    _, body = status(a.host.namespace)
    assert {each["name"]: each["up"] for each in json.loads(body)["checks"]}.items() >= {
        "http": True,
        "nginx": True,
    }.items()
    a.document["checks"] = kept
    a.apply()


def priority(pair: Pair) -> None:
    a = pair.a
    a.router["priority"] = 245
    a.apply()
    assert router_status(a.host.namespace)["priority"]["effective"] == 245


def addresses(pair: Pair) -> None:
    a, b = pair
    for each in (a, b):
        each.router["addresses"] = [*each.router["addresses"], MORE]
        each.apply()
    held = [f"{VIP}/32", MORE]
    wait_until(
        lambda: (
            [vip["address"] for vip in router_status(a.host.namespace)["addresses"] if vip["owned"]] == held
        ),
        5,
        "the new VIP",
    )
    for each in (a, b):
        each.router["addresses"] = each.router["addresses"][:-1]
        each.apply()
    assert MORE not in a.host.namespace.run("ip", "-4", "addr", "show", "dev", "eth0")


def another_router(pair: Pair) -> None:
    a, b = pair
    for each in (a, b):
        each.document["virtual_routers"]["db"] = each.router | {"vrid": 52, "addresses": ["10.77.0.200"]}
        each.apply()
    wait_until(lambda: router_status(a.host.namespace, "db")["state"] == "MASTER", 5, "the new router")
    for each in (a, b):
        del each.document["virtual_routers"]["db"]
        each.apply()
    assert "10.77.0.200" not in a.host.namespace.run("ip", "-4", "addr", "show", "dev", "eth0")


def interval(pair: Pair) -> None:
    a, b = pair
    for each in (b, a):
        each.router["advert_interval"] = "200ms"
        each.apply()
    for each in (a, b):
        each.router["advert_interval"] = "100ms"
        each.apply()


def name(pair: Pair) -> None:
    a = pair.a
    a.document["virtual_routers"] = {"www": a.router}
    a.apply()
    assert router_status(a.host.namespace, "www")["state"] == "MASTER"
    a.document["virtual_routers"] = {"web": a.document["virtual_routers"]["www"]}
    a.apply()


def preemption(pair: Pair) -> None:
    b = pair.b
    b.router["preempt"] = False
    b.apply()


CHANGES: tuple[Callable[[Pair], None], ...] = (
    log_level,
    listen,
    control,
    checks,
    priority,
    addresses,
    another_router,
    interval,
    name,
    preemption,
)


def test_what_nobody_notices(lab: Lab) -> None:
    pair = Pair(Reloading(lab.hosts["a"]), Reloading(lab.hosts["b"]))
    for change in CHANGES:
        unnoticed(lab, partial(change, pair))


def test_a_wrong_file_touches_nothing_and_is_loud_until_mended(lab: Lab) -> None:
    a = Reloading(lab.hosts["a"])

    def wrong() -> None:
        good = a.file.read_text()
        a.write(good.replace("vrid: 51", "vrid: 999"))
        code, outcome = a.reload()
        assert (code, outcome["result"]) == (2, "refused")
        assert any("999" in mistake for mistake in outcome["mistakes"])
        _, metrics = status(a.host.namespace, "/metrics")
        assert "vipsidecar_config_last_reload_successful 0.0" in metrics
        _, body = status(a.host.namespace)
        assert any("999" in trouble for trouble in json.loads(body)["troubles"])
        assert a.hang_up()["level"] == "error"
        a.write(good)
        assert a.reload()[1]["result"] == "unchanged"
        _, metrics = status(a.host.namespace, "/metrics")
        assert "vipsidecar_config_last_reload_successful 1.0" in metrics
        _, body = status(a.host.namespace)
        assert json.loads(body)["troubles"] == []

    unnoticed(lab, wrong)


def test_a_dry_run_a_replaced_file_and_a_signal(lab: Lab) -> None:
    a = Reloading(lab.hosts["a"])

    def try_and_apply() -> None:
        a.router["priority"] = 244
        a.write(renamed=True)
        code, outcome = a.reload("--dry-run")
        assert (code, outcome["result"]) == (0, "planned")
        assert [each["path"] for each in outcome["changes"]] == ["virtual_routers.web.priority"]
        assert router_status(a.host.namespace)["priority"]["configured"] == 250
        assert a.hang_up()["result"] == "applied"
        assert router_status(a.host.namespace)["priority"]["configured"] == 244

    unnoticed(lab, try_and_apply)


def test_an_address_that_cannot_be_listened_on_refuses_all_of_it(lab: Lab) -> None:
    a = Reloading(lab.hosts["a"])

    def refused() -> None:
        a.router["priority"] = 244
        a.document["http"]["listen"] = "203.0.113.7:9650"
        a.write()
        code, outcome = a.reload()
        assert (code, outcome["result"]) == (2, "refused")
        assert "cannot listen on 203.0.113.7:9650" in outcome["why"]
        assert router_status(a.host.namespace)["priority"]["configured"] == 250

    unnoticed(lab, refused)


def test_what_the_plan_announces_happens_in_good_order(lab: Lab) -> None:
    """A priority below that of the other host, then another VRID on both, one after the other."""
    a, b = Reloading(lab.hosts["a"]), Reloading(lab.hosts["b"])
    since = time.monotonic()
    a.router["priority"] = 200
    a.apply()
    lab.await_sole("b")
    assert longest_gap(lab.client.since(), since) < 1.0 + lab.grace(since)
    a.router["priority"] = 250
    a.apply()
    lab.await_sole("a")
    a.router["vrid"] = 60
    a.apply()
    # Two VRIDs are two routers, which know nothing of each other: the plan says to change all hosts.
    b.router["vrid"] = 60
    b.apply()
    lab.await_sole("a")
    assert router_status(a.host.namespace)["state"] == "MASTER"
