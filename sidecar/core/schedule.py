"""Which routers a step concerns: a host with 255 of them must not pay for those that are not due.

The next act of a router and its time follow from its state, and that changes only in a step that concerns it:
by an event for it, or by its deadline. Routers of a sync group look at each other: they are concerned
together.
"""

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush
from math import inf

from sidecar.core.router.election import Election


class Times:
    """A time for each name, and the names whose time has come, at a cost that grows with these alone.

    An entry of the heap whose time is no longer that of its name counts for nothing, and is dropped when it
    is met, or when there are many of them.
    """

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []

    @property
    def next(self) -> float:
        """The earliest time. Infinity: there is none."""
        heap = self._heap
        while heap and self._at.get(heap[0][1]) != heap[0][0]:
            heappop(heap)
        return heap[0][0] if heap else inf

    def set(self, name: str, at: float) -> None:
        """Let the time of a name be this. Infinity: never."""
        if self._at.get(name) == at:
            return
        self._at[name] = at
        if at == inf:
            return
        if len(self._heap) > 4 * len(self._at):
            self._heap = [(each, known) for known, each in self._at.items() if each != inf]
            heapify(self._heap)
        else:
            heappush(self._heap, (at, name))

    def take(self, now: float) -> list[str]:
        """Return the names whose time has come. They have none until one is set again."""
        taken = []
        while self.next <= now:
            taken.append(heappop(self._heap)[1])
            del self._at[taken[-1]]
        return taken


class Schedule:
    """The deadlines of all routers as of the last step that concerned each. Times are of the core's clock."""

    def __init__(self, elections: Mapping[str, Election], groups: Iterable[Iterable[str]]) -> None:
        self._elections = elections
        self._places = {name: place for place, name in enumerate(elections)}
        self._together = {name: tuple(group) for group in map(tuple, groups) for name in group}
        self._due_at = Times()
        self._claim_ends = Times()
        self._touched = set(elections)
        for name in elections:
            # Until the first step that settles nothing is known of them: all are looked at.
            self._due_at.set(name, -inf)
            self._claim_ends.set(name, -inf)

    @property
    def deadline(self) -> float:
        """When the next router is due. Infinity: none ever is."""
        return self._due_at.next

    def touch(self, election: Election) -> Election:
        """Something happens to this router: it is concerned, and the others of its sync group are."""
        name = election.params.name
        if name not in self._touched:
            self._touched.update(self._together.get(name, (name,)))
        return election

    def overslept(self, now: float) -> list[Election]:
        """Return the masters whose claim has run out."""
        late = sorted(self._claim_ends.take(now), key=self._places.__getitem__)
        return [self.touch(self._elections[name]) for name in late]

    def concerned(self, now: float) -> list[Election]:
        """Return the routers to which something has happened, or that are due, in the order of the file."""
        for name in self._due_at.take(now):
            self.touch(self._elections[name])
        names = sorted(self._touched, key=self._places.__getitem__)
        return [self._elections[name] for name in names]

    def settle(self) -> None:
        """The step is over: note when each router that it concerned is due next."""
        for name in self._touched:
            election = self._elections[name]
            self._due_at.set(name, election.deadline)
            self._claim_ends.set(name, election.claim_ends)
        self._touched.clear()
