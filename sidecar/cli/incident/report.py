"""An incident as Markdown, to be put into a report as it is. Pure."""

import time
from collections.abc import Iterator

from sidecar.cli.event_table import moment, subject, what, why
from sidecar.cli.incident.account import Account
from sidecar.cli.incident.gaps import Gap, Incident
from sidecar.cli.incident.timeline import Source


def render(account: Account) -> str:
    """Return the page."""
    return "\n".join(_lines(account)) + "\n"


def headline(incident: Incident) -> str:
    """Return in one sentence how long visitors waited."""
    gap = incident.gap
    if gap.seconds is None:
        return (
            f"How long visitors waited is not known: no event tells when {incident.before} stopped serving."
        )
    if gap.at_most == 0:
        return f"Visitors did not wait: {incident.after} served before {incident.before} had ended."
    return f"Visitors waited {_milliseconds(gap.seconds)} ({_bounds(gap)})."


def _lines(account: Account) -> Iterator[str]:
    incident = account.incident
    yield f"# {_cell(f'{incident.router}: {_move(incident)}')}, {_second(incident.start)} UTC"
    yield ""
    yield f"**{_cell(headline(incident))}**"
    yield ""
    if incident.left is not None:
        yield f"- Cause: on {_cell(incident.left.host)}, {_cell(incident.left.cause)}"
    yield f"- {_cell(incident.came.host)} took over: {_cell(incident.came.cause)}"
    if account.known > 1:
        yield f"- Incident {account.number} of {account.known}; 1 is the latest"
    yield ""
    yield "| time (UTC) | host | event | cause |"
    yield "|---|---|---|---|"
    for entry in account.entries:
        fields = entry.record.fields
        about = " ".join((subject(fields), what(fields))).strip()
        cells = (moment(entry.at), entry.host, about, why(fields))
        yield "| " + " | ".join(map(_cell, cells)) + " |"
    yield ""
    yield "How exact this is:"
    yield ""
    yield from _exactness(account)


def _exactness(account: Account) -> Iterator[str]:
    incident = account.incident
    if incident.left is not None:
        yield f"- Visitors began to wait at {moment(incident.left.at)}: {_cell(incident.left.how)}."
    yield f"- They were served again at {moment(incident.came.at)}: {_cell(incident.came.how)}."
    for source in account.sources:
        yield f"- {_clock(source)}"
    for unread in account.unread:
        yield f"- {_cell(unread.url)} was not read: {_cell(unread.why)}. What happened there is missing here."


def _clock(source: Source) -> str:
    offset = source.offset
    if source.told.node and offset.seconds == offset.within == 0:
        return f"Times are by the clock of {_cell(source.host)}."
    ahead = "ahead of" if offset.seconds >= 0 else "behind"
    return (
        f"The clock of {_cell(source.host)} is {abs(offset.seconds):.3f} s {ahead} that, give or take "
        f"{_milliseconds(offset.within)}, {offset.how}; its times are corrected by that."
    )


def _move(incident: Incident) -> str:
    if incident.before == incident.after:
        return f"{incident.after} did not serve"
    return f"{incident.before} to {incident.after}"


def _bounds(gap: Gap) -> str:
    least = _milliseconds(gap.at_least)
    if gap.at_most is None:
        return f"at least {least}"
    most = _milliseconds(gap.at_most)
    return "exact to a millisecond" if least == most else f"{least} to {most}"


def _milliseconds(seconds: float) -> str:
    """Return a span to the millisecond, from ten seconds on in seconds."""
    return f"{seconds:.1f} s" if seconds >= 10 else f"{round(seconds * 1000)} ms"  # noqa: PLR2004


def _second(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))


def _cell(text: str) -> str:
    """Return text of others so that it stays within a cell and begins no markup."""
    return "".join(f"\\{letter}" if letter in "\\|<`*_[" else letter for letter in text)
