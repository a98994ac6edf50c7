"""Senders whose adverts a router needs when more arrive than can be read.

A backup depends on the master that it follows. Where adverts are signed, it depends on everybody who has
proven to have the key; by unicast, on its peers. Of others only an advert of at least our own priority can
move us: a lower one is answered by a MASTER, at most every REPLY_SPACING, and outwaited by a BACKUP. Only who
is mute yields to anybody.

While a BACKUP follows nobody yet, every advert may be that of the master: all are heard, for one
master-down interval at most.
"""

from math import inf

from sidecar.core.actions import PrioritizeSenders
from sidecar.core.address import Address
from sidecar.core.params import AuthMode, RouterParams
from sidecar.core.router.auth import Authenticator
from sidecar.core.router.router_state import RouterState


class Attention:
    """The wishes of one router to the sockets. Times are seconds of the core's clock."""

    def __init__(self, params: RouterParams, state: RouterState, authenticator: Authenticator | None) -> None:
        self.params = params
        self.router = state
        enforced = params.hmac is not None and params.hmac.mode is AuthMode.ENFORCE
        self._authenticator = authenticator if enforced else None

    def search(self, until: float) -> None:
        """Hear every advert until then: the router is a backup and follows nobody yet."""
        self.router.all_until = until

    def follow(self, master: Address) -> None:
        """Depend on this master from now on."""
        self.router.followed, self.router.all_until = master, -inf

    def news(self, priority: int, own: Address | None) -> list[PrioritizeSenders]:
        """Return what has changed since the last call, given our effective priority and source address."""
        wanted = PrioritizeSenders(self.params.name, self._senders(own), priority, self.router.all_until)
        if wanted == self.router.attention_told:
            return []
        self.router.attention_told = wanted
        return [wanted]

    def _senders(self, own: Address | None) -> tuple[Address, ...]:
        """Return the senders that nobody else can crowd out: the followed master first."""
        if self.params.unicast is not None:
            return self.params.unicast.peers
        senders = [] if self.router.followed is None else [self.router.followed]
        if self._authenticator is not None:
            senders += sorted(self._authenticator.senders, key=int)
        return tuple(sender for sender in dict.fromkeys(senders) if sender != own)
