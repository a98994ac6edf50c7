"""Which routers a step concerns: a host with 255 of them must not pay for those that are not due.

The next act of a router and its time follow from its state, and that changes only in a step that concerns it:
by an event for it, or by its deadline. Routers of a sync group look at each other: they are concerned
together.
"""

from collections.abc import Iterable, Mapping
from math import inf

from sidecar.core.router.election import Election


class Schedule:
    """The deadlines of all routers as of the last step that concerned each. Times are of the core's clock."""

    def __init__(self, elections: Mapping[str, Election], groups: Iterable[Iterable[str]]) -> None:
        self._elections = elections
        self._together = {name: tuple(group) for group in map(tuple, groups) for name in group}
        self._due_at = dict.fromkeys(elections, -inf)
        self._claim_ends = dict.fromkeys(elections, -inf)
        self._touched = set(elections)

    @property
    def deadline(self) -> float:
        """When the next router is due. Infinity: none ever is."""
        return min(self._due_at.values(), default=inf)

    def touch(self, election: Election) -> Election:
        """Something happens to this router: it is concerned, and the others of its sync group are."""
        name = election.params.name
        if name not in self._touched:
            self._touched.update(self._together.get(name, (name,)))
        return election

    def overslept(self, now: float) -> list[Election]:
        """Return the masters whose claim has run out."""
        late = [name for name, ends in self._claim_ends.items() if now >= ends]
        return [self.touch(self._elections[name]) for name in late]

    def concerned(self, now: float) -> list[Election]:
        """Return the routers to which something has happened, or that are due, in the order of the file."""
        for name in [name for name, at in self._due_at.items() if now >= at]:
            self.touch(self._elections[name])
        return [election for name, election in self._elections.items() if name in self._touched]

    def settle(self) -> None:
        """The step is over: note when each router that it concerned is due next."""
        for name in self._touched:
            election = self._elections[name]
            self._due_at[name], self._claim_ends[name] = election.deadline, election.claim_ends
        self._touched.clear()
