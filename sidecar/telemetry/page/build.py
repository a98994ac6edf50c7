"""From a status document and the past to the page. Pure: the same facts are always the same page."""

from typing import Final

from sidecar.telemetry.document import Status
from sidecar.telemetry.page.alerts.table import alerts
from sidecar.telemetry.page.banner import banner
from sidecar.telemetry.page.cards import cards
from sidecar.telemetry.page.commands import commands
from sidecar.telemetry.page.history import history
from sidecar.telemetry.page.model import Link, Page
from sidecar.telemetry.page.past import Past
from sidecar.telemetry.page.tables import checks, pools, vips
from sidecar.telemetry.page.timeline import timeline
from sidecar.telemetry.verdict import judge

LINKS: Final = (
    Link("as JSON", "/status.json"),
    Link("all events", "/events.json"),
    Link("metrics", "/metrics"),
)
"""Other pages about this host."""


def build(status: Status, past: Past) -> Page:
    """Return the page: the verdict, then hosts, VIPs, checks, pools, events, alerts and commands."""
    verdict = judge(status)
    head = banner(status, verdict)
    return Page(
        head,
        cards(status, head.tone),
        (
            vips(status),
            checks(status),
            *pools(status),
            history(past.last, status["at"]),
            alerts(status, past),
        ),
        commands(status, verdict.code),
        LINKS,
        timeline(status, past.moves),
    )
