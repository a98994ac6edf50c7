"""From a status document and the last events to the page. Pure: the same facts are always the same page."""

from collections.abc import Iterable
from typing import Final

from sidecar.telemetry.document import Status
from sidecar.telemetry.page.alerts import alerts
from sidecar.telemetry.page.banner import banner
from sidecar.telemetry.page.cards import cards
from sidecar.telemetry.page.commands import commands
from sidecar.telemetry.page.history import history
from sidecar.telemetry.page.model import Link, Page
from sidecar.telemetry.page.tables import checks, pools, vips
from sidecar.telemetry.verdict import judge

LINKS: Final = (
    Link("as JSON", "/status.json"),
    Link("all events", "/events.json"),
    Link("metrics", "/metrics"),
)
"""Other pages about this host."""


def build(status: Status, events: Iterable[bytes]) -> Page:
    """Return the page: the verdict, then hosts, VIPs, checks, pools, events, alerts and commands."""
    verdict = judge(status)
    head = banner(status, verdict)
    firing = alerts(status)
    past = history(events, status["at"])
    return Page(
        head,
        cards(status, head.tone),
        (vips(status), checks(status), *pools(status), past, firing),
        commands(status, verdict.code),
        LINKS,
    )
