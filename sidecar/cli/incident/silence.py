"""When a host was lost of which the next one heard nothing more. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from sidecar.cli.incident.service import Edge
from sidecar.cli.incident.timeline import Entry

_INTERVALS: Final = 3
"""A backup waits for at least so many intervals, so that one interval is at most this part of its wait."""


def silence(came: Edge, host: str, losses: Iterable[Entry]) -> Edge:
    """Return when the host was lost after which another one came: within one interval of advertisements.

    Signs of life come more often. Where they were heard their losses, which the other one tells, narrow it.
    """
    took = 0.0 if came.entry is None else (came.entry.record.seconds("took_ms") or 0.0) / 1000
    earliest, interval = came.at - took, took / _INTERVALS
    how = (
        f"between the last advertisement of {host} that {came.host} heard and the first that did not come, "
        f"{interval:.3f} s later"
    )
    cause = f"{host} was not heard any more"
    lost = Edge(host, 0.0, earliest, earliest + interval, how, cause, 0.0, came.entry)
    for entry in losses:
        if _is_of(entry, host):
            lost = _narrowed(lost, entry, came.at)
    return replace(lost, at=(lost.earliest + lost.latest) / 2)


def _is_of(entry: Entry, host: str) -> bool:
    return host == entry.record.text("node") or f"//{host}:" in entry.record.text("url")


def _narrowed(lost: Edge, entry: Entry, came_at: float) -> Edge:
    """Return the loss by the signs of life that ended, unless they ended at another time."""
    silent, within = entry.record.seconds("silent_seconds"), entry.record.seconds("within_seconds")
    if silent is None or within is None:
        return lost
    last = entry.at - silent
    if entry.record.text("reason") == "closed":
        if not lost.earliest <= last <= came_at:
            return lost
        how = f"after its sidecar ended: the kernel of {lost.host} had the VIPs until their lease was over"
        cause = f"the sidecar of {lost.host} ended without a resignation"
        return replace(lost, earliest=last, latest=came_at, how=how, cause=cause)
    earliest, latest = max(lost.earliest, last), min(lost.latest, last + within)
    if earliest > latest:
        return lost
    how = (
        f"between the last sign of life of {lost.host} and the first that did not come, {within:.3f} s later"
    )
    return replace(lost, earliest=earliest, latest=latest, how=how)
