"""The parts of a MASTER: the VIPs leased in the kernel, the adverts that say so, the announcements.

Lease and adverts live and die together. The lease is renewed only where an advert is sent; an
advert is sent only while the lease is alive. `until` is the moment after which neither may be
trusted: the kernel may have dropped the VIPs, or three intervals of silence may have made a peer
take over.
"""

from dataclasses import replace
from math import inf
from typing import Final

from sidecar.core.actions import Action, Resigned, TimerFired, Warned
from sidecar.core.address import Address
from sidecar.core.events import InterfaceState
from sidecar.core.params import KERNEL_EXPIRY, LOOP_LATENESS, RouterParams
from sidecar.core.router.address_list import fitting, too_many
from sidecar.core.router.announce import AnnouncementPace
from sidecar.core.router.lease_record import LeaseRecord
from sidecar.core.router.router_state import RouterState
from sidecar.core.router.transmit import Transmitter, source_address
from sidecar.core.wire.constants import GROUPS

REPLY_SPACING: Final = 0.1
"""Seconds between two adverts that answer somebody else's: a flood must not make us one."""


class ActiveRole:
    """A router as Active (RFC 9568 section 6.4.3): it holds the VIPs, advertises, announces, and resigns.

    Its commands are added to `out`. Times are seconds of the core's clock.
    """

    def __init__(
        self,
        params: RouterParams,
        state: RouterState,
        transmitter: Transmitter,
        out: list[Action],
        pace: AnnouncementPace,
    ) -> None:
        self.params = params
        self.router = state
        self._out = out
        self._transmitter = transmitter
        self._pace = pace
        self._record: tuple[LeaseRecord | None, int] = (None, 0)
        """The last one, and its number, which takes half a millisecond for 254 VIPs."""

    @property
    def prepared(self) -> bool:
        """Whether there can be a claim at all: the ground is swept and the interface is known."""
        return self.router.lease.swept and self.router.link_known

    def set_link(self, link: InterfaceState | None, now: float, missing: str = "") -> None:
        """The interface is now like this. Another MAC must be announced at once."""
        moved = self.router.link is not None and link is not None and self.router.link.mac != link.mac
        self.router.link, self.router.missing, self.router.link_known = link, missing, True
        self.router.source = source_address(self.params, link)
        self._fit()
        if moved and self.router.advert_at < inf:
            self.router.announcer.start(now)

    def exchanged(self, before: RouterParams, priority: int, now: float) -> None:
        """Other parameters count: have the kernel hold what they name, and tell the peers at once.

        The peers must hear of another interval before they could count three of the new ones.
        """
        lease, addresses = self.router.lease, frozenset(self.params.addresses)
        self.router.source = source_address(self.params, self.router.link)
        self._fit()
        # An address that is no VIP any more was not removed by anybody else.
        lease.owned &= addresses
        if before.name != self.params.name or not self.params.refuse_answered:
            # The watch for such a machine begins anew under another name, or is over.
            self.router.answered = ""
        if not lease.desired:
            return
        self.router.announce_when_held |= not addresses <= frozenset(before.addresses)
        patience = now + 3 * self.params.interval
        if self.router.advert_at == inf:
            self._hold(now, patience)
            return
        not_after = min(lease.until, patience)
        self._hold(now, not_after)
        self._advertise(priority, now, not_after)

    def _fit(self) -> None:
        """Find out which VIPs an advertisement names, and warn if these are not all any more."""
        p, mtu = self.params, 0 if self.router.link is None else self.router.link.mtu
        self.router.advertised = fitting(p, mtu)
        before, left = self.router.unadvertised, frozenset(p.addresses).difference(self.router.advertised)
        self.router.unadvertised = left
        if left and left != before:
            self._out.append(Warned(p.name, "vrrp", "mtu", too_many(p, sorted(left), mtu)))

    @property
    def until(self) -> float:
        """When a master that has not acted since must consider itself replaced."""
        return min(self.router.lease.until, self.router.sent_at + 3 * self.params.interval)

    @property
    def deadline(self) -> float:
        """When `due` has something to do."""
        return min(self.router.advert_at, self.router.announcer.deadline)

    @property
    def known_source(self) -> Address | None:
        """The address to resign from: the one that peers know, also if this host has lost it."""
        return self.router.spoken or self.router.source

    def acquire(self, now: float) -> None:
        """Ask the kernel for the VIPs. Nothing is said before it has answered."""
        self._hold(now, now + 3 * self.params.interval)

    def resume(self, priority: int, now: float) -> None:
        """Go on where an earlier process was killed: its peers and clients know this host already.

        It may have been killed before it had called the clients.
        """
        self.router.sent_at = now
        self.router.removals.resume(now)
        self.router.announcer.start(now)
        self._hold(now, self.until)
        self._advertise(priority, now, self.until)
        self._announce_due(now)

    def begin(self, priority: int, now: float, *, contested: bool) -> None:
        """The kernel has the VIPs: say so to the LAN, then to the peers.

        If another master serves (`contested`), the peers come first, and clients are called here only if
        they could be told: else that master would serve on, without the clients.
        """
        self.router.sent_at = now
        self.router.removals.resume(now)
        self.router.announcer.start(now)
        if contested:
            self._advertise(priority, now, self.until, confirm=True)
            self._announce_due(now, if_heard=True)
        else:
            self._announce_due(now)
            self._advertise(priority, now, self.until)

    def end(self, now: float) -> None:
        """Give the VIPs up."""
        self.router.advert_at = inf
        self.router.announcer.cancel()
        self.router.resignation.cancel()
        self._out.append(self.router.lease.drop(now))

    def confirm(self, priority: int, now: float) -> None:
        """The checks have said what was inherited: the next process must know that, also if it comes soon.

        A renewal comes with an advertisement, so that the lease outlasts the patience of no peer.
        """
        if self.router.lease.settled:
            self._hold(now, self.until)
            self._advertise(priority, now, self.until)

    @property
    def _link_up(self) -> bool:
        return self.router.link is not None and self.router.link.up

    def resign(self, now: float) -> None:
        """Say priority 0 if it is owed, once the VIPs are gone and there is a way to say it."""
        lease, owed = self.router.lease, self.router.resignation
        gone = lease.swept and lease.settled and not lease.desired
        source = self.known_source
        if not gone or not owed.due(now) or source is None or not self._link_up:
            return
        self._out.append(self._transmitter.advertise(source, 0, now, owed.until, self.router.advertised))
        if owed.detail:
            self._out.append(Resigned(self.params.name, owed.detail))
        owed.cancel()

    def resign_for_an_earlier_life(self, now: float) -> None:
        """The sweep has removed VIPs of an earlier life, which was killed: its peers still count on it.

        While the lease is shorter than the patience of any peer, a VIP that is still there shows that
        nobody has taken over by its timer.
        """
        if self.params.lease + KERNEL_EXPIRY <= 3 * self.params.interval:
            detail = "the VIPs of an earlier life were still here and have been removed"
            self.router.resignation.owe(now + self.params.interval, detail)
        self.resign(now)

    def trial(self, master: Address | None, now: float) -> None:
        """Find out whether we can be heard. A unicast trial goes to a `master` that serves, or nowhere."""
        to = master if self.params.unicast is not None else GROUPS[self.params.family]
        if self.router.source is None or to is None:
            self.router.sending.rest(now)
        else:
            self.router.sending.try_now(now)
            self._out.append(self._transmitter.trial(self.router.source, to, now, self.router.advertised))

    def due(self, priority: int, now: float) -> None:
        """Serve the advert timer and the announcements."""
        if now >= self.router.advert_at:
            due_at = self.router.advert_at
            self._out.append(TimerFired(self.params.name, "advert", now - due_at))
            self._beat(priority, now)
            # Keep the phase: a late loop must not stretch the interval that peers count on.
            if now < due_at + self.params.interval:
                self.router.advert_at = due_at + self.params.interval
        self._announce_due(now)

    def reply(self, priority: int, now: float) -> None:
        """Answer another master at once (RFC 9568 section 6.4.3), or as soon as a flood of them allows."""
        earliest = self.router.sent_at + min(REPLY_SPACING, self.params.interval)
        if now < earliest:
            self.router.advert_at = min(self.router.advert_at, earliest)
        else:
            self._beat(priority, now)

    def last_word(self, priority: int, now: float) -> None:
        """Advertise once more before yielding: the better master cannot know otherwise that there were two.

        After a partition clients believe whoever announced last, and only a master that has heard of a
        second one announces again. REPLY_SPACING does not hold it back, because a master that yields is
        silent afterwards. After a stall before it is sent nothing is said: others may have moved on.
        """
        self._advertise(priority, now, min(self.until, now + LOOP_LATENESS))

    def reassert(self, now: float) -> None:
        """A second master was seen: neighbours may believe it, so announce again."""
        self.router.announcer.nudge(now)

    def restore(self, now: float) -> bool:
        """Somebody removed VIPs: put them back in place. Return False, and do not, if this is a fight."""
        if self.router.removals.note(now):
            return False
        self.router.announce_when_held = True
        self._hold(now, self.until)
        return True

    def held(self, now: float) -> None:
        """The kernel confirmed the VIPs again."""
        if self.router.announce_when_held:
            self.router.announce_when_held = False
            self.router.announcer.start(now)

    def _beat(self, priority: int, now: float) -> None:
        not_after = self.until
        if self.router.lease.renewal_due(now):
            self._hold(now, not_after)
        self._advertise(priority, now, not_after)

    def _hold(self, now: float, not_after: float) -> None:
        """Have the kernel hold the VIPs, and keep what a process needs that must go on with them."""
        inherited = self.router.inherited
        seconds = inf if inherited is None else inherited.until - now
        record = LeaseRecord(self.router.fitness.priority, seconds)
        if record != self._record[0]:
            self._record = record, record.number(self.params)
        self._out.append(self.router.lease.hold(now, not_after, self._record[1]))

    def _advertise(self, priority: int, now: float, not_after: float, *, confirm: bool = False) -> None:
        if self.router.source is None:
            return
        self.router.sent_at, self.router.spoken = now, self.router.source
        self.router.advert_at = now + self.params.interval
        vips = self.router.advertised
        advert = self._transmitter.advertise(self.router.source, priority, now, not_after, vips)
        # While we are mute every advertisement is a trial.
        self._out.append(replace(advert, confirm=True) if confirm or self.router.sending.mute else advert)

    def _announce_due(self, now: float, *, if_heard: bool = False) -> None:
        if self.router.link is None:
            return
        places = self.router.announcer.due(now, len(self.params.addresses), self._pace)
        if places:
            announcement = self._transmitter.announce(self.router.link, places, self.until)
            self._out.append(replace(announcement, if_heard=True) if if_heard else announcement)
