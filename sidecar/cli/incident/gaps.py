"""The moves of a virtual router from one host to the next, and how long nobody served between. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from sidecar.cli.incident.host_events import HostEvents
from sidecar.cli.incident.service import Edge, Service, services
from sidecar.cli.incident.silence import silence

_SILENCE: Final = "master_down_timer"
_RESIGNED: Final = "priority_zero"
_HEARD: Final = re.compile(r"no advertisement of (?!any master)(\S+) for|^(\S+) resigned")


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds for which visitors waited, and its bounds; None: nothing tells it."""

    seconds: float | None
    at_least: float
    at_most: float | None


@dataclass(frozen=True, slots=True)
class Incident:
    """Service went from a host to the next one, or came back to it. `left` is None where nothing tells it."""

    router: str
    before: str
    after: str
    left: Edge | None
    came: Edge

    @property
    def gap(self) -> Gap:
        """How long nobody served. Clocks of two hosts add their doubt."""
        left, came = self.left, self.came
        if left is None:
            return Gap(None, 0.0, None)
        doubt = 0.0 if _one_clock(left, came) else left.within + came.within
        least, most = came.at - left.latest - doubt, came.at - left.earliest + doubt
        return Gap(max(0.0, came.at - left.at), max(0.0, least), max(0.0, most))

    @property
    def start(self) -> float:
        """When it began, at the earliest."""
        return self.came.at if self.left is None else min(self.came.at, self.left.earliest)

    @property
    def end(self) -> float:
        """When one host alone served again, at the latest."""
        return self.came.at if self.left is None else max(self.came.at, self.left.latest)


def incidents(hosts: Mapping[str, HostEvents], router: str) -> list[Incident]:
    """Return the moves of a router in their order. That the first host begins to serve is none."""
    found: list[Incident] = []
    before: Service | None = None
    for service in services(hosts, router):
        incident = (
            _unread(router, service, hosts) if before is None else _move(router, before, service, hosts)
        )
        if incident is not None:
            found.append(incident)
        if before is None or not _outlasts(before, service):
            before = service
    return found


def _outlasts(one: Service, other: Service) -> bool:
    """Whether a service ends after one that began later. One whose end nothing tells was followed."""
    if one.ended is None or other.ended is None:
        return False
    return one.ended.latest > other.ended.latest


def _move(router: str, before: Service, after: Service, hosts: Mapping[str, HostEvents]) -> Incident:
    """Return the move from a service to the one that began next."""
    left, came = before.ended, after.began
    if before.host != after.host and _reason(came) == _SILENCE and (left is None or left.latest > came.at):
        silent = silence(came, before.host, hosts[came.host].lost.entries)
        # By its own record it went on: whether visitors could reach it, nothing tells.
        left = silent if left is None else replace(silent, latest=came.at)
    if left is None:
        how = f"nothing tells when {before.host} ended"
        left = Edge(before.host, came.at, before.began.at, came.at, how, how)
    return Incident(router, before.host, after.host, left, came)


def _unread(router: str, service: Service, hosts: Mapping[str, HostEvents]) -> Incident | None:
    """Return the move from a host of whose events none are known; None: nobody was heard before."""
    came = service.began
    detail = "" if came.entry is None else came.entry.record.text("detail")
    heard = _HEARD.search(detail)
    if heard is None or _reason(came) not in (_SILENCE, _RESIGNED):
        return None
    host = heard[1] or heard[2]
    left = silence(came, host, hosts[came.host].lost.entries) if _reason(came) == _SILENCE else None
    return Incident(router, host, service.host, left, came)


def _one_clock(one: Edge, other: Edge) -> bool:
    """Whether both moments were read on the clock of the same host."""
    return one.entry is not None and other.entry is not None and one.entry.host == other.entry.host


def _reason(edge: Edge) -> str:
    return "" if edge.entry is None else edge.entry.record.text("reason")
