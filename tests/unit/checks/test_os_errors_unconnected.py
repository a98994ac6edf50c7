"""What it means that no connection opened: the name, the time, or the target."""

import errno
import os
import socket

import pytest

from sidecar.checks.os_errors import unconnected
from sidecar.checks.probe import Finding
from sidecar.core.health.result import Outcome


@pytest.mark.parametrize(
    ("error", "finding"),
    [
        (
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            Finding(Outcome.FAIL, "name lookup of web.example: Name or service not known"),
        ),
        (TimeoutError(errno.ETIMEDOUT, "x"), Finding(Outcome.TIMEOUT, "no answer: not connected")),
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "x"),
            Finding(Outcome.FAIL, "connection refused", certain=True),
        ),
        (
            OSError(errno.EMFILE, "x"),
            Finding(Outcome.ERROR, f"the check could not run: {os.strerror(errno.EMFILE).lower()}"),
        ),
    ],
)
def test_a_connection_that_does_not_open(error: OSError, finding: Finding) -> None:
    assert unconnected(error, "web.example") == finding
