"""Whether `hosts: 2` is true, as far as advertisements show: one other host sends them, and no third one.

A backup sends nothing, so a third host is heard only once it serves. Two backups that both take over at
once upon a resignation are two masters until the lower one hears the other's first advertisement.
"""

from dataclasses import dataclass, field
from math import inf
from typing import Final

from sidecar.core.actions import Warned
from sidecar.core.address import Address
from sidecar.core.params import PAIR, RouterParams
from sidecar.core.router.peers import REMEMBERED

MEMORY: Final = 3600.0
"""Seconds for which a sender counts: a host whose address was changed is no third one for ever."""
SPACING: Final = 1.0
"""Seconds between two warnings: a flood of forged sources must cost nothing."""


@dataclass(slots=True)
class PairWatch:
    """The senders that a router with `hosts: 2` has heard. Without that key nothing is remembered."""

    params: RouterParams
    _heard: dict[Address, float] = field(default_factory=dict)
    _last: Address | None = None
    _resigned: bool = False
    """Whether the last one has resigned with its last advertisement."""
    _replaced: Address | None = None
    """Senders that fell silent when a new one was heard: the same host, as long as they are silent."""
    _told_at: float = -inf

    def hear(self, source: Address, priority: int, now: float) -> list[Warned]:
        """Note the sender of an advertisement that counts; return the warning that it makes three hosts.

        A host that serves and gets another address goes on from that one, without a resignation. So a sender
        that a new one follows without one counts no more, until it is heard again.
        """
        if self.params.hosts != PAIR:
            return []
        if source not in self._heard and len(self._heard) >= REMEMBERED:
            self._heard = {who: at for who, at in self._heard.items() if now - at < MEMORY}
            if len(self._heard) >= REMEMBERED:
                return []
        if source not in self._heard and source != self._replaced and not self._resigned:
            self._replaced = self._last
            self._heard = {who: at for who, at in self._heard.items() if who != self._last}
        self._heard[source] = now
        changed, self._last, self._resigned = source != self._last, source, priority == 0
        others = self.others(now)
        if not changed or len(others) < PAIR or now - self._told_at < SPACING:
            return []
        self._told_at = now
        return [Warned(self.params.name, "election", "third_host", third_host(others), source)]

    def others(self, now: float) -> tuple[Address, ...]:
        """Return the other hosts that were heard within the last hour, in the order of their addresses."""
        return tuple(sorted((who for who, at in self._heard.items() if now - at < MEMORY), key=int))


def third_host(others: tuple[object, ...]) -> str:
    """Return the sentence about more hosts than two, and what to do."""
    heard = ", ".join(map(str, others))
    return (
        f"`hosts: 2` is wrong: {len(others)} other hosts were heard ({heard}), and all backups take over at "
        "once when the master resigns; remove `hosts: 2` on every host, or the host that should not be there"
    )
