"""A name with several addresses: what its failure says, and that one address which answers is enough."""

import asyncio
import socket

import pytest

from sidecar.checks.dial import Dial
from sidecar.checks.kinds.tcp import TcpProbe
from sidecar.checks.probe import Finding, ProbeProgress
from sidecar.checks.resolve import Resolver
from sidecar.core.health.result import Outcome
from tests.unit.checks.stage import free_port

NO_ROUTE = "fe80::1%lo"
"""As an IPv6 address on a host without IPv6: the name server has it, and this host has no way to it."""


class Known(Resolver):
    """One answer for every name."""

    def __init__(self, *found: str) -> None:
        super().__init__()
        self.found = found

    async def addresses(self, _host: str) -> tuple[str, ...]:
        return self.found


def probe(port: int, *found: str) -> Finding:
    return asyncio.run(TcpProbe(Dial("app.example", port, Known(*found)))(ProbeProgress()))


@pytest.mark.parametrize("found", [("127.0.0.1", NO_ROUTE), (NO_ROUTE, "127.0.0.1")])
def test_a_refusal_counts_more_than_an_address_without_a_route(found: tuple[str, ...]) -> None:
    assert probe(free_port(), *found) == Finding(Outcome.FAIL, "connection refused", certain=True)


def test_without_a_route_to_any_address_that_is_what_is_told() -> None:
    found = probe(80, NO_ROUTE, NO_ROUTE)
    assert (found.outcome, found.certain, found.unreached) == (Outcome.FAIL, False, True)


def test_a_name_without_addresses_is_a_failure() -> None:
    assert probe(80).detail == "the name has no address"


@pytest.mark.parametrize("found", [("127.0.0.1", NO_ROUTE), (NO_ROUTE, "127.0.0.1")])
def test_one_address_that_accepts_is_enough(found: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert probe(listening.getsockname()[1], *found).outcome is Outcome.PASS
