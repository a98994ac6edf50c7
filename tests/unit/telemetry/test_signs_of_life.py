"""The signs of life: a name, a byte each time, an end."""

from http import HTTPStatus

from sidecar.telemetry.http_message import Request
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.routes import READ_ONLY, Site
from sidecar.telemetry.routing import respond
from sidecar.telemetry.signs_of_life import EVERY, signs
from sidecar.telemetry.status_store import StatusStore


def test_they_come_until_the_server_stops() -> None:
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) == 3

    assert b"".join(signs("lb1", wait)) == b"lb1\n.."
    assert waited == [EVERY] * 3


def test_a_stream_ends_so_that_its_place_is_not_lost() -> None:
    assert b"".join(signs("lb1", lambda _: False, longest=0.0)) == b"lb1\n"


def test_the_path(status_store: StatusStore, metrics: Metrics) -> None:
    status_store.node = "lb1"
    site = Site(status_store, metrics)
    answer = respond(Request("GET", "/alive"), site, READ_ONLY)
    assert answer.chunks is not None
    assert next(answer.chunks(lambda _: True)) == b"lb1\n"
    assert respond(Request("GET", "/alive", query="x"), site, READ_ONLY).status is HTTPStatus.BAD_REQUEST
