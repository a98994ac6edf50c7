"""Suppositions, as plain data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckIs:
    """A check has this verdict from now on."""

    check: str
    up: bool


@dataclass(frozen=True, slots=True)
class PriorityIs:
    """The configured priority of this host is this one."""

    priority: int


@dataclass(frozen=True, slots=True)
class PeerSilent:
    """No advert of the master comes any more."""


@dataclass(frozen=True, slots=True)
class PeerResigns:
    """The master says priority 0, and nothing more."""


@dataclass(frozen=True, slots=True)
class DrainIs:
    """An operator keeps the VIPs away from this host, or not."""

    on: bool


Supposition = CheckIs | PriorityIs | PeerSilent | PeerResigns | DrainIs
