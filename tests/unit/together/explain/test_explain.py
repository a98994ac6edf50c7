"""What `explain` says in each situation, from real states of the core, as text and as facts by name.

Modules: cli.explain.table, cli.explain.command, plan.rules, core.router.picture, telemetry.explain.*.
"""

import json
from http import HTTPStatus
from pathlib import Path

import pytest

from sidecar.cli.explain.table import render
from sidecar.plan.rules import Rulebook
from sidecar.telemetry.explain.explanation import explain
from sidecar.telemetry.http_message import Request
from sidecar.telemetry.http_server import StatusServer
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.routes import READ_ONLY, Site, respond
from tests.unit.telemetry.handmade import Lines
from tests.unit.together.cli.test_command import command
from tests.unit.together.explain.host import HTTP, Host
from tests.unit.together.explain.situations import SITUATIONS

GOLDEN = Path(__file__).with_name("golden")
EVERY_SITUATION = pytest.mark.parametrize("situation", SITUATIONS)


@EVERY_SITUATION
def test_the_text_of_each_situation_is_the_golden_one(situation: str) -> None:
    assert render(explain(SITUATIONS[situation]()), colors=False) == (
        (GOLDEN / f"{situation}.txt").read_text(encoding="utf-8")
    )


def test_every_golden_text_has_its_situation() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} == set(SITUATIONS)


@EVERY_SITUATION
def test_every_number_is_the_sum_of_its_terms_and_stands_in_its_sentence(situation: str) -> None:
    for router in json.loads(json.dumps(explain(SITUATIONS[situation]())))["virtual_routers"]:
        priority = router["priority"]
        assert sum(term["value"] for term in priority["terms"]) == priority["effective"]
        assert priority["sentence"].startswith(f"{priority['effective']} = ")
        for span in router["spans"]:
            assert sum(term["value"] for term in span["terms"]) == pytest.approx(span["seconds"], abs=1e-5)
            assert all(term["origin"] in span["sentence"] for term in span["terms"])
        for each in router["commands"]:
            assert each["command"]
            assert each["purpose"]


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
    site = Site(host.board, Metrics((), (), host.board))
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
    host.board.rules = Rulebook()
    assert asked(host, "") == (HTTPStatus.NOT_FOUND, "a reload is under way; ask again in a second\n")


@pytest.mark.parts
def test_the_command_prints_text_or_the_document_and_says_what_cannot_be_explained(tmp_path: Path) -> None:
    host = Host(240, HTTP).backup().up().hears(1.0, 250)
    host.view(1.3)
    socket = str(tmp_path / "control.sock")
    server = StatusServer(tmp_path / "control.sock", host.board, Metrics((), (), host.board), Lines().log)
    server.start()
    try:
        text = command("explain", "--socket", socket)
        assert (text.returncode, text.stderr) == (0, "")
        assert text.stdout.startswith("a is BACKUP for web (VRID 51 on eth0, 10.77.0.100/32), since ")
        facts = command("explain", "web", "--socket", socket, "-o", "json")
        assert json.loads(facts.stdout)["virtual_routers"][0]["because"]["master"]["priority"] == 250
        unknown = command("explain", "db", "--socket", socket)
        assert (unknown.returncode, unknown.stdout) == (2, "")
        assert unknown.stderr == "there is no virtual router 'db'; there are: web\n"
    finally:
        server.stop()
    gone = command("explain", "--socket", str(tmp_path / "nobody.sock"))
    assert gone.returncode == 3
    assert "no sidecar answers" in gone.stderr
