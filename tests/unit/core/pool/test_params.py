"""Hosts and ports as nginx writes them."""

import pytest

from sidecar.core.pool.params import at, split


@pytest.mark.parametrize(
    ("host", "written"), [("10.0.0.21", "10.0.0.21:80"), ("fd00::21", "[fd00::21]:80"), ("app", "app:80")]
)
def test_what_is_put_together_is_taken_apart(host: str, written: str) -> None:
    assert at(host, 80) == written
    assert split(written) == (host, 80)
