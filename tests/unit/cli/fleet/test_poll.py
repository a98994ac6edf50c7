"""Real connections: a real status server is read, whatever hangs or lies is unreadable and delays nobody."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sidecar.cli.fleet.poll import AT_ONCE, ask_all
from sidecar.cli.fleet.targets import Target
from sidecar.observer.status_reader import LARGEST
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.status_server import StatusServer
from sidecar.telemetry.status_store import StatusStore
from tests.unit.cli.fleet.answering import OK, Answering, at
from tests.unit.telemetry.handmade import Clock, Lines, snapshot
from tests.unit.telemetry.node_documents import document

pytestmark = pytest.mark.parts


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def answering(stack: ExitStack, says: bytes, *, holds: bool = False) -> Target:
    return stack.enter_context(Answering(says, holds=holds)).target


def test_a_real_status_server_is_read(stack: ExitStack) -> None:
    clock = Clock()
    status_store = StatusStore(clock)
    status_store.publish(snapshot())
    status_store.beat(clock.now)
    server = StatusServer(Endpoint("127.0.0.1", 0), status_store, Metrics((), (), status_store), Lines().log)
    stack.callback(server.stop)
    server.start()
    (answer,) = ask_all([at(server.port)], deadline=30).values()
    assert answer.told is not None, answer.fault
    assert answer.name == answer.told.node == "a"
    (router,) = answer.told.routers
    assert (router.name, router.vrid, router.state) == ("web", 51, "MASTER")


@pytest.mark.parametrize(
    ("says", "fault"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "the answer is no status: does not speak HTTP/1"),
        (b"HTTP/1.1 503 No\r\n\r\nstarting", "the answer has status 503"),
        (OK + b"<html>", "the answer is no JSON"),
        (OK + b" " * (LARGEST + 1), f"the answer is longer than {LARGEST} bytes"),
        (
            OK + json.dumps(document(router={"state": "SERVING"})).encode(),
            "a virtual router is in no known state",
        ),
        (OK + json.dumps(document(router={"vrid": True})).encode(), "vrid is no number from 1 to 255"),
        (
            OK + json.dumps(document(router={"since": 10**400})).encode(),
            "since is no moment in Unix seconds",
        ),
    ],
)
def test_a_host_that_lies_is_unreadable(stack: ExitStack, says: bytes, fault: str) -> None:
    (answer,) = ask_all([answering(stack, says)], deadline=30).values()
    assert answer.told is None
    assert answer.fault == fault


def test_hosts_that_hang_delay_nobody_and_are_unreadable(stack: ExitStack) -> None:
    good = OK + json.dumps(document()).encode()
    well = [answering(stack, good) for _ in range(5)]
    hanging = [answering(stack, says, holds=True) for says in (b"", OK, good) for _ in range(4)]
    began = time.monotonic()
    answers = ask_all([*hanging, *well], deadline=3)
    took = time.monotonic() - began
    assert {answers[each].fault for each in hanging} == {"no answer within 3 s"}
    assert all(answers[each].told is not None for each in well)
    # One after the other the hanging ones take 36 s.
    assert took < 20


def test_nobody_there_and_no_such_name_are_unreadable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    refused, nameless = at(port), Target("host.invalid", 9650, "", "")
    answers = ask_all([refused, nameless], deadline=30)
    assert answers[refused].fault == "connection refused"
    assert answers[nameless].told is None
    assert answers[nameless].fault
    assert answers[nameless].name == "host.invalid:9650"


def test_more_than_have_a_place_at_once_are_all_asked(stack: ExitStack) -> None:
    target = answering(stack, OK + json.dumps(document()).encode())
    many = [Target(target.host, target.port, str(number), "") for number in range(AT_ONCE + 50)]
    answers = ask_all(many, deadline=60)
    assert sum(each.told is not None for each in answers.values()) == len(many)
