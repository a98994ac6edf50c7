"""Scrapers that never stop, in a process of their own, against a loop that must stay on time."""

import asyncio
import subprocess
import sys
import time

import pytest

from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.metrics import Metrics
from sidecar.telemetry.status_server import StatusServer
from sidecar.telemetry.status_store import StatusStore
from tests.lateness import Lateness
from tests.unit.telemetry.handmade import Lines

pytestmark = pytest.mark.parts

SCRAPERS = """
import http.client, sys, threading, time

def scrape():
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
        connection.request("GET", "/metrics")
        answers.append(connection.getresponse().read()[-1:])
        connection.close()

end = time.monotonic() + 2
answers = []
threads = [threading.Thread(target=scrape) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(answers))
"""


async def _lateness(scrapers: subprocess.Popen[str]) -> list[float]:
    seen = []
    while scrapers.poll() is None:
        due = time.monotonic() + 0.01
        await asyncio.sleep(0.01)
        seen.append(time.monotonic() - due)
    return sorted(seen)


@pytest.mark.timing
def test_sixteen_nonstop_scrapers_do_not_hold_the_loop(
    status_store: StatusStore, metrics: Metrics, lines: Lines, lateness: Lateness
) -> None:
    before = sys.getswitchinterval()
    server = StatusServer(Endpoint("127.0.0.1", 0), status_store, metrics, lines.log)
    server.start()
    # As the daemon sets it.
    sys.setswitchinterval(0.001)
    try:
        words = [sys.executable, "-c", SCRAPERS, str(server.port)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as scrapers:
            late = asyncio.run(_lateness(scrapers))
            answered = int(scrapers.communicate()[0])
    finally:
        sys.setswitchinterval(before)
        server.stop()
    median, worst = late[len(late) // 2], late[-1]
    print(f"{answered} scrapes in 2 s, timers late by {median * 1000:.1f} ms, worst {worst * 1000:.0f} ms")
    assert answered > 50
    grace = lateness()
    assert median < 0.02 + grace
    assert worst < 0.5 + grace
