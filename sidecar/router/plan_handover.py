"""Another plan for an observer at work: given, counted when the router decides, or left to the next one.

Until the observer says that it has exchanged its checks, what it tells of them by index counts in the plan
before.
"""

from collections.abc import Callable

from sidecar.channel.reload import Abandon, Commit, Exchange, Exchanged, MoreSockets, Prepared
from sidecar.channel.send_queue import Importance
from sidecar.core.health.observer_events import ChecksFresh
from sidecar.router.conversation import Conversation
from sidecar.router.handed import Handed
from sidecar.router.icmp_sockets import IcmpSockets, Opened


class PlanHandover:
    """The plan that counts is `present`. One other may have been given that does not count yet."""

    def __init__(self, talk: Conversation, handed: Handed) -> None:
        self._talk = talk
        self.present = handed
        self._counted = handed
        """The plan as whose checks the observer counts its own."""
        self._has = IcmpSockets()
        """Sockets that this observer has."""
        self._next: tuple[int, Handed] | None = None
        self._told = 0
        """The number of the plan that this observer was given last while it worked."""
        self._prepared: Callable[[str], None] | None = None

    def begin(self, sockets: Opened) -> None:
        """A new observer is given the present plan and these sockets."""
        self._expect()
        self._told = 0
        self._has = IcmpSockets(len(sockets.ipv4), len(sockets.ipv6))

    def prepare(self, number: int, handed: Handed, prepared: Callable[[str], None], *, at_work: bool) -> None:
        """Give the observer a plan that does not count yet. `prepared` gets why it cannot have it, or "".

        Where no observer is `at_work`, or it has no room for the plan, the next one gets it, when it counts.
        """
        self._next, self._prepared = (number, handed), prepared
        if not at_work or not handed.fits or not self._hand_sockets(handed.icmp):
            self._answer("")
            return
        self._told = number
        for message in (Exchange(number, len(handed.checks)), *handed.checks, *handed.pieces):
            # Not for the next observer: that one begins with the plan that counts then.
            self._talk.tell(message, Importance.STATE)

    def abandon(self) -> None:
        """That plan will never count."""
        if self._next is not None:
            self._talk.tell(Abandon(self._next[0]), Importance.STATE)
        self._next = self._prepared = None

    def commit(self) -> bool:
        """That plan counts. False: this observer was not given it, and must be replaced by one that is."""
        if self._next is None:
            return True
        (number, handed), self._next, self._prepared = self._next, None, None
        self.present = handed
        if self._told != number:
            self._expect()
            return False
        self._talk.expect(self._counted.names, self._counted.in_common(handed))
        self._talk.forget_pictures()
        self._talk.tell(Commit(number), Importance.VITAL)
        return True

    def lost(self) -> None:
        """The observer is gone; the next one gets the plan that counts then."""
        self._answer("")

    def take(self, message: Prepared | Exchanged) -> None:
        """Take an answer of the observer. One that is no longer waited for is ignored."""
        match message:
            case Prepared(number, why) if self._next is not None and number == self._next[0]:
                self._answer(why)
            case Exchanged(number) if number == self._told:
                self._expect()
            case _:
                pass

    def translated(self, event: ChecksFresh) -> ChecksFresh:
        """Return results as they count in the present plan."""
        return self.present.translated(event, self._counted)

    def _hand_sockets(self, wanted: IcmpSockets) -> bool:
        """Give the observer what it lacks of these. False: there is no room for that now."""
        lacking = wanted.beyond(self._has)
        if lacking == IcmpSockets():
            return True
        with lacking.opened() as sockets:
            more = IcmpSockets(len(sockets.ipv4), len(sockets.ipv6))
            if not self._talk.hand(MoreSockets(more.ipv4, more.ipv6), sockets):
                return False
        self._has = self._has.plus(more)
        return True

    def _answer(self, why: str) -> None:
        prepared, self._prepared = self._prepared, None
        if prepared is not None:
            prepared(why)

    def _expect(self) -> None:
        """The observer counts checks as in the plan that counts."""
        self._counted = self.present
        self._talk.expect(self.present.names, self.present.names)
