"""Alerts that fire now, or will if nothing changes, as a table. Pure."""

from sidecar.telemetry.document import Status
from sidecar.telemetry.page.alert_rules import RULES, AlertRule, Condition
from sidecar.telemetry.page.model import LONGEST, Row, Table, Tone, table
from sidecar.telemetry.plain_words import moment, printable, roughly, short

_NOTE = (
    "Judged from what this host knows. Alerts that count over all hosts, or over the past, are for "
    "Prometheus alone (docs/alerts.md)."
)


def alerts(status: Status) -> Table:
    """Return a row for each, critical ones first."""
    rows = [_row(rule, condition, status["at"]) for rule in RULES for condition in rule.find(status)]
    note = _NOTE if rows else f"None. {_NOTE}"
    return table("alerts", "Alerts", ("alert", "severity", "about", "fires", "runbook"), rows, note)


def _row(rule: AlertRule, condition: Condition, now: float) -> Row:
    severity, tone = ("critical", Tone.BAD) if rule.critical else ("warning", Tone.LOOK)
    about = short(printable(condition.subject), LONGEST)
    return Row(tone, (rule.name, severity, about, _fires(rule.lasting, condition.since, now), rule.runbook))


def _fires(lasting: float, since: float | None, now: float) -> str:
    if since is None:
        return f"once it has lasted for {roughly(lasting)}"
    due = since + lasting
    return f"since {moment(due, now)}" if due <= now else f"at {moment(due, now)}, if it lasts"
