"""Masters that were never heard before: when one is an alarm, and when it may be the other host of a pair.

VRRP has no list of members. So the first other host that is heard in the life of a process is expected: it is
how a pair starts, and how the better host returns to one that was started anew. It is searched for all the
same, so that the log has its machine. Another one beside it, which takes the place of a master that lives, is
an alarm. By unicast only peers of the configuration are heard, and none of them is unknown.
"""

from typing import Final

from sidecar.core.params import RouterParams
from sidecar.core.router.peers import patience
from sidecar.core.router.receive import Heard, Receiver
from sidecar.core.router.router_state import RouterState

_GONE: Final = 3
"""Intervals of silence after which another backup may take over (RFC 9568 section 6.1, less Skew_Time)."""


class UnknownMasters:
    """The judgement of one router on senders of accepted advertisements."""

    def __init__(self, params: RouterParams, state: RouterState, receiver: Receiver) -> None:
        self.params = params
        self.router = state
        self._receiver = receiver

    def look(self, heard: Heard, mine: int, now: float, *, serving: bool) -> None:
        """Name a sender that is at least as good as we are; `serving`: we were MASTER until then."""
        better = heard.advert.priority >= max(1, mine)
        if heard.known or not better or self.params.unicast is not None:
            return
        before, interval = heard.before, self.router.timer.interval
        living = before is not None and now - before.heard_at < _GONE * patience(interval, before.interval)
        if heard.others and (serving or living):
            detail = f"{heard.source}, never heard before, serves with priority {heard.advert.priority}"
            self._receiver.alarm("unknown_master", detail, heard.source, interval, now)
        elif serving:
            self._receiver.search(heard.source, interval, now)
