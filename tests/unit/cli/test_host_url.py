"""`--host` takes what `nodes:` takes, and says what is wrong with anything else."""

import pytest

from sidecar.cli.host_url import host_url
from sidecar.plan.endpoints import Endpoint


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("http://10.77.0.12:9650", Endpoint("10.77.0.12", 9650)),
        ("http://lb2/", Endpoint("lb2", 9650)),
        ("http://[2001:db8::2]:80", Endpoint("2001:db8::2", 80)),
    ],
)
def test_a_status_server(text: str, endpoint: Endpoint) -> None:
    assert host_url(text) == endpoint


@pytest.mark.parametrize(
    "text",
    [
        "10.77.0.12:9650", "https://lb2", "http://", "http://lb2:x", "http://lb2:99999", "http://lb2/status.json",
        "http://me@lb2", "http://lb2?x", "http://[::1", "http://lb 2", "http://lb2\x1b",
    ],
)  # fmt: skip
def test_anything_else(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no status server; write http://10\.77\.0\.12:9650"):
        host_url(text)
