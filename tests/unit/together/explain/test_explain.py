"""What `explain` says in each situation, from real states of the core, as text and as facts by name.

Modules: cli.explain.table, cli.explain.command, plan.rules, core.router.picture, core.what_if.future,
telemetry.explain.*.
"""

import json
import time
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import pytest

from sidecar.cli.explain.table import render
from sidecar.plan.rules import Rulebook
from sidecar.telemetry.explain.explanation import explain
from sidecar.telemetry.explain.unexplained import Unexplained
from sidecar.telemetry.http_message import Request
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.routes import READ_ONLY, Site
from sidecar.telemetry.routing import respond
from sidecar.telemetry.status_server import StatusServer
from tests.unit.core.stage import router
from tests.unit.telemetry.handmade import Lines
from tests.unit.together.cli.test_command import command
from tests.unit.together.explain.host import HTTP, Host
from tests.unit.together.explain.situations import SITUATIONS, SUPPOSED

GOLDEN = Path(__file__).with_name("golden")
EVERY_SITUATION = pytest.mark.parametrize("situation", SITUATIONS)


@EVERY_SITUATION
def test_the_text_of_each_situation_is_the_golden_one(situation: str) -> None:
    assert render(explain(SITUATIONS[situation]()), colors=False) == (
        (GOLDEN / f"{situation}.txt").read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("name", SUPPOSED)
def test_the_text_of_each_supposition_is_the_golden_one(name: str) -> None:
    situation, words = SUPPOSED[name]
    assert render(explain(SITUATIONS[situation](), None, words), colors=False) == (
        (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    )


def test_every_golden_text_has_its_situation() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == SITUATIONS.keys() | SUPPOSED.keys()


@pytest.mark.parametrize(
    ("situation", "word", "why"),
    [
        (
            "follows",
            "htp=down",
            "priority=N, drain=on, or a check of it: http=down, gateway=down",
        ),
        ("follows", "http", "write http=up or http=down"),
        ("follows", "peer=dead", "write peer=silent or peer=resigns"),
        ("follows", "priority=0", "write a priority from 1 to 255, such as priority=200"),
        ("follows", "priority=\u0661", "write a priority from 1 to 255"),
        ("follows", "drain=yes", "write drain=on or drain=off"),
        ("serves", "peer=silent", "no other host serves web, so none can fall silent"),
        ("two_masters", "http=down", "or a check of it: it has no checks"),
        ("two_masters", "priority=3", "2 hosts serve web at the same time"),
        ("the_takeover_is_under_way", "priority=3", "web is about to move; ask again in a second"),
        ("starting", "http=up", "web is starting or stopping; ask again in a second"),
        ("the_router_does_not_tell", "priority=3", "the router last told 3 s ago how it stands"),
    ],
)
def test_what_cannot_be_supposed_is_answered_with_what_can(situation: str, word: str, why: str) -> None:
    with pytest.raises(Unexplained) as refused:
        explain(SITUATIONS[situation](), None, (word,))
    assert why in str(refused.value)


def test_too_many_suppositions_or_routers_are_refused() -> None:
    with pytest.raises(Unexplained, match="9 suppositions: ask for 8 at most"):
        explain(SITUATIONS["follows"](), None, ("http=down",) * 9)
    routers = [replace(router(100), name=f"r{number}", vrid=number) for number in range(1, 10)]
    view = Host.of(*routers, groups=()).backup().view(1.0)
    with pytest.raises(Unexplained, match="name one of the 9 virtual routers"):
        explain(view, None, ("priority=3",))
    assert len(explain(view, "r1", ("priority=3",))["what_if"]) == 1


def test_supposing_changes_nothing_and_takes_little_work() -> None:
    view = SITUATIONS["serves"]()
    before, began = explain(view), time.process_time()
    explain(view, None, ("http=down", "drain=on", "priority=3"))
    assert time.process_time() - began < 0.15
    assert explain(view) == before


def test_adverts_that_come_more_often_than_they_are_told_are_no_stall_and_no_silence() -> None:
    host = Host(240, interval_cs=1).backup().hears(0.02, 250, interval_cs=1)
    host.view(0.02)
    host.clock.now = 0.45
    view = host.status_store.view()
    assert view is not None
    (told,) = explain(view, None, ("priority=100",))["what_if"]
    assert told["moves"] == []
    (told,) = explain(view, None, ("peer=silent",))["what_if"]
    assert [move["new"] for move in told["moves"]] == ["MASTER"]
    serving = Host(250, interval_cs=1).backup()
    for hundredth in range(1, 11):
        serving.at(hundredth / 100)
    serving.view(0.1)
    serving.clock.now = 0.5
    view = serving.status_store.view()
    assert view is not None
    (told,) = explain(view, None, ("priority=100",))["what_if"]
    assert told["moves"] == []


@EVERY_SITUATION
def test_every_number_is_the_sum_of_its_terms_and_stands_in_its_sentence(situation: str) -> None:
    for each in json.loads(json.dumps(explain(SITUATIONS[situation]())))["virtual_routers"]:
        priority = each["priority"]
        assert sum(term["value"] for term in priority["terms"]) == priority["effective"]
        assert priority["sentence"].startswith(f"{priority['effective']} = ")
        for span in each["spans"]:
            assert sum(term["value"] for term in span["terms"]) == pytest.approx(span["seconds"], abs=1e-5)
            assert all(term["origin"] in span["sentence"] for term in span["terms"])
        for command_line in each["commands"]:
            assert command_line["command"]
            assert command_line["purpose"]


@EVERY_SITUATION
def test_no_line_but_that_of_a_command_is_longer_than_80_columns(situation: str) -> None:
    text = render(explain(SITUATIONS[situation]()), colors=False)
    assert all(len(line) <= 80 or line.startswith("  see") for line in text.splitlines())


def test_colours_add_nothing_but_colours() -> None:
    document = explain(SITUATIONS["serves"]())
    coloured = render(document, colors=True)
    assert "\x1b[32mMASTER\x1b[0m" in coloured
    assert coloured.replace("\x1b[32m", "").replace("\x1b[0m", "") == render(document, colors=False)


def test_what_a_checked_server_said_cannot_move_the_cursor_and_is_cut() -> None:
    host = Host(240, HTTP).backup().up()
    host.result(1.0, "http", ok=False, detail="500 \x1b[2J\x07\x9b0;1H" + "long " * 500, times=2)
    text = render(explain(host.view(1.5)), colors=False)
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert len(text) < 3000


def asked(host: Host, query: str) -> tuple[HTTPStatus, str]:
    site = Site(host.status_store, Metrics((), (), host.status_store))
    answer = respond(Request("GET", "/explain.json", query=query), site, READ_ONLY)
    return answer.status, answer.body.decode()


def test_one_router_or_all_can_be_asked_for_and_nothing_else() -> None:
    host = Host(240, HTTP).backup().up()
    assert asked(host, "") == (HTTPStatus.SERVICE_UNAVAILABLE, "starting: nothing decided yet\n")
    host.view(1.0)
    for query in ("", "router=web"):
        status, body = asked(host, query)
        assert status is HTTPStatus.OK
        assert [router["name"] for router in json.loads(body)["virtual_routers"]] == ["web"]
    assert asked(host, "router=db") == (
        HTTPStatus.NOT_FOUND,
        "there is no virtual router 'db'; there are: web\n",
    )
    assert asked(host, "color=red")[0] is HTTPStatus.BAD_REQUEST


def test_between_the_messages_of_a_reload_it_is_said_to_ask_again() -> None:
    host = Host(240, HTTP).backup().up()
    host.view(1.0)
    host.status_store.rules = Rulebook()
    assert asked(host, "") == (HTTPStatus.NOT_FOUND, "a reload is under way; ask again in a second\n")


@pytest.mark.parts
def test_the_command_prints_text_or_the_document_and_says_what_cannot_be_explained(tmp_path: Path) -> None:
    host = Host(240, HTTP).backup().up().hears(1.0, 250)
    host.view(1.3)
    socket = str(tmp_path / "control.sock")
    server = StatusServer(
        tmp_path / "control.sock", host.status_store, Metrics((), (), host.status_store), Lines().log
    )
    server.start()
    try:
        text = command("explain", "--socket", socket)
        assert (text.returncode, text.stderr) == (0, "")
        assert text.stdout.startswith("a is BACKUP for web (VRID 51 on eth0, 10.77.0.100/32), since ")
        facts = command("explain", "web", "--socket", socket, "-o", "json")
        assert json.loads(facts.stdout)["virtual_routers"][0]["because"]["master"]["priority"] == 250
        supposed = command("explain", "--if", "http=down", "--if", "peer=silent", "--socket", socket)
        assert supposed.stdout.startswith("if http=down and peer=silent: a would take over web after 3.7 s.")
        wrong = command("explain", "--if", "htp=down", "--socket", socket)
        assert (wrong.returncode, wrong.stdout) == (2, "")
        assert wrong.stderr.startswith("'htp=down' cannot be supposed: write peer=silent")
        unknown = command("explain", "db", "--socket", socket)
        assert (unknown.returncode, unknown.stdout) == (2, "")
        assert unknown.stderr == "there is no virtual router 'db'; there are: web\n"
    finally:
        server.stop()
    gone = command("explain", "--socket", str(tmp_path / "nobody.sock"))
    assert gone.returncode == 3
    assert "no sidecar answers" in gone.stderr
