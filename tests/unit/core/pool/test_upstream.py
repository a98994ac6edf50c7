"""Which servers get requests."""

import pytest

from sidecar.core.pool.upstream import Mode, Upstream, UpstreamServer
from tests.unit.core.pool.pool_stage import ONE, TWO


@pytest.mark.parametrize(("sorry", "more"), [(None, set()), ("127.0.0.1:8099", {"127.0.0.1:8099"})])
def test_in_service_are_the_servers_that_serve_and_the_sorry_server(
    sorry: str | None, more: set[str]
) -> None:
    places = (UpstreamServer(ONE, 1, serves=True), UpstreamServer(TWO, 1, serves=False))
    assert Upstream(Mode.NORMAL, places, sorry).in_service == {ONE} | more


def test_a_note_for_people_makes_no_other_server() -> None:
    assert UpstreamServer(ONE, 1, serves=True) == UpstreamServer(ONE, 1, serves=True, note="http: 200")
