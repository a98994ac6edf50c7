"""Rules about weights, as far as one host's file tells: the priorities of the others are not in it."""

from collections.abc import Iterator, Mapping

from sidecar.config.check.base import CheckModel
from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding, quoted
from sidecar.config.router.virtual_router import VirtualRouter
from sidecar.config.rules import warning
from sidecar.core.priorities import HIGHEST_FIT, LOWEST_FIT, OWNER

_USUAL_GAP = 10
"""Between 250 and 240, the priorities that our documents and messages propose."""


def weights(entry: Entry[VirtualRouter], checks: Mapping[str, Entry[CheckModel]]) -> Iterator[Finding]:
    """A weight moves the VIP only if it exceeds the gap between two hosts, and is not cut off at an end."""
    if not {"checks", "priority"}.isdisjoint(entry.wrong):
        return
    priority = entry.model.priority
    if priority == OWNER:
        yield from _owner(entry, _weights(entry, checks))
        return
    for names, given in _directions(_weights(entry, checks)):
        total = sum(given)
        path = ("checks", names[-1], "weight")
        what = f"the {len(names)} weights of one sign together" if len(names) > 1 else "this"
        if not LOWEST_FIT <= priority + total <= HIGHEST_FIT:
            yield warning(path, "weight-cut", _cut(str(entry.path[-1]), priority, total, what))
    every = _weights(entry, checks)
    reach = sum(map(abs, every.values()))
    if every and reach <= _USUAL_GAP:
        message = (
            f"the weights of router {quoted(entry.path[-1])} add up to {reach}, which moves the VIP only "
            f"between hosts whose priorities differ by less; 250 and 240 need {_USUAL_GAP + 1} or more"
        )
        yield warning(("checks", list(every)[-1], "weight"), "weight-small", message)


def _weights(entry: Entry[VirtualRouter], checks: Mapping[str, Entry[CheckModel]]) -> dict[str, int]:
    names = checks if entry.model.checks is None else entry.model.checks
    known = {name: checks[name] for name in names if name in checks and "weight" not in checks[name].wrong}
    return {name: each.model.weight for name, each in known.items() if each.model.weight is not None}


def _directions(given: Mapping[str, int]) -> Iterator[tuple[list[str], list[int]]]:
    for sign in (-1, 1):
        some = {name: weight for name, weight in given.items() if weight * sign > 0}
        if some:
            yield list(some), list(some.values())


def _cut(router: str, priority: int, total: int, what: str) -> str:
    end = LOWEST_FIT if total < 0 else HIGHEST_FIT
    moved = f"{what} would move router {quoted(router)} from {priority} to {priority + total}, cut at {end}"
    if total < 0:
        return f"{moved}, where hosts are equal; leave `weight` out if a host that fails it must not serve"
    return f"{moved}; lower `priority` to {max(1, end - total)} or less"


def _owner(entry: Entry[VirtualRouter], given: Mapping[str, int]) -> Iterator[Finding]:
    """Priority 255 means address owner to every peer; a weight would make it something else."""
    for name in list(given)[:1]:
        message = f"check {quoted(name)} has a weight, which cannot move priority 255; write 254 or less"
        yield warning((*entry.path, "priority"), "owner-weight", message)
