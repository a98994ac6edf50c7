"""Alerts that fire now, or will if nothing changes, as a table. Pure."""

from typing import Final

from sidecar.telemetry.document import Status
from sidecar.telemetry.page.alerts import checks, configuration, hosts, serving
from sidecar.telemetry.page.alerts.rule import AlertRule, Condition
from sidecar.telemetry.page.model import LONGEST, Row, Table, Tone, table
from sidecar.telemetry.page.past import Past
from sidecar.telemetry.plain_words import excerpt, moment, printable, roughly

RULES: Final = tuple(
    sorted(
        (*serving.RULES, *hosts.RULES, *configuration.RULES, *checks.RULES),
        key=lambda rule: not rule.critical,
    )
)
"""Critical ones first."""
FOR_PROMETHEUS: Final = ("VipClusterDown", "VipTimersLate", "VipNoClusterLabel")
"""What no host can know of itself."""
_NOTE: Final = (
    "Judged from what this host knows of itself and the others. Prometheus, which sees all hosts, decides "
    f"(docs/alerts.md); {', '.join(FOR_PROMETHEUS)} it knows alone."
)


def alerts(status: Status, past: Past) -> Table:
    """Return a row for each, critical ones first."""
    rows = [_row(rule, condition, status["at"]) for rule in RULES for condition in rule.find(status, past)]
    note = _NOTE if rows else f"None. {_NOTE}"
    return table("alerts", "Alerts", rows, note)


def _row(rule: AlertRule, condition: Condition, now: float) -> Row:
    severity, tone = ("critical", Tone.BAD) if rule.critical else ("warning", Tone.LOOK)
    about = excerpt(printable(condition.subject), LONGEST)
    return Row(tone, (rule.name, severity, about, _fires(rule.lasting, condition.since, now), rule.runbook))


def _fires(lasting: float, since: float | None, now: float) -> str:
    if since is None:
        return f"once it has lasted for {roughly(lasting)}"
    due = since + lasting
    return f"since {moment(due, now)}" if due <= now else f"at {moment(due, now)}, if it lasts"
