"""The examination: every check over the same evidence. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sidecar.doctor.evidence import Evidence
from sidecar.doctor.mistakes import (
    disagreement,
    filtered,
    leftovers,
    network,
    not_listening,
    other_speaker,
    platform,
    priorities,
    surroundings,
    vip_answered,
    vip_on_host,
    visitors,
    vrid_shared,
)
from sidecar.doctor.problem import Problem, Severity, Unseen


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of mistake. `healthy` says what is so when nothing is found."""

    name: str
    healthy: str
    judge: Callable[[Evidence], Iterator[Problem | Unseen]]


@dataclass(frozen=True, slots=True)
class Result:
    """The findings of one check, and why parts of it could not be seen."""

    check: Check
    problems: tuple[Problem, ...]
    unseen: tuple[str, ...]


CHECKS: Final = (
    Check("vrrp-filtered", "adverts pass the firewalls", filtered.judge),
    Check("vrid-shared", "no other service has the VRID", vrid_shared.judge),
    Check("other-speaker", "no other VRRP program runs on this host", other_speaker.judge),
    Check("vip-on-host", "no VIP was set on this host by something else", vip_on_host.judge),
    Check("vip-answered", "nobody but the master answers for a VIP", vip_answered.judge),
    Check("not-listening", "servers listen where visitors come", not_listening.judge),
    Check("visitors", "the requests of the checks pass at the VIP, too", visitors.judge),
    Check("priorities", "priorities and weights can move the VIP", priorities.judge),
    Check("disagreement", "the hosts agree", disagreement.judge),
    Check("network", "VIPs belong to the network of their interface", network.judge),
    Check("leftovers", "no table and no setting hides a VIP", leftovers.judge),
    Check("platform", "the platform lets an address move", platform.judge),
    Check("surroundings", "nothing else manages the VIP, and the clock is right", surroundings.judge),
)


def examine(evidence: Evidence) -> tuple[Result, ...]:
    """Return what each check finds, in the order of CHECKS."""
    return tuple(_result(check, evidence) for check in CHECKS)


def _result(check: Check, evidence: Evidence) -> Result:
    found = tuple(check.judge(evidence))
    problems = tuple(each for each in found if isinstance(each, Problem))
    whys = dict.fromkeys(each.why for each in found if isinstance(each, Unseen))
    return Result(check, problems, tuple(whys))


def worst(results: tuple[Result, ...]) -> Severity | None:
    """Return the severity of the worst problem, None if there is none."""
    found = {problem.severity for result in results for problem in result.problems}
    return next((each for each in Severity if each in found), None)
