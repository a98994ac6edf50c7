"""How often somebody else takes our VIPs away, and when putting them back is a fight."""

from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import Final

WINDOW: Final = 60.0
BURST: Final = 0.1
"""Removals closer together than these seconds are one act: a flush takes many addresses away."""
FIGHT: Final = 10
"""Removals within a window that make it a fight: a person never gets there, a manager in a loop does."""

KEEPS_REMOVING: Final = "another program of this host keeps removing the VIP"
"""Begins the reason of the FAULT after a fight."""


def lost_fight(device: str) -> str:
    """Return that reason, and what is done about it."""
    return (
        f"{KEEPS_REMOVING} from {device}: find what manages that interface, and let it leave alone "
        "what it has not added (systemd-networkd: `KeepConfiguration=yes`); stop what has the same VIP, such "
        "as keepalived"
    )


@dataclass(slots=True)
class AddressConflict:
    """Times of the removals seen within the last window."""

    _at: deque[float] = field(default_factory=lambda: deque(maxlen=FIGHT))
    _fought: bool = False
    _trial_until: float = -inf

    def note(self, now: float) -> bool:
        """Count one removal. Return whether this is a fight by now."""
        if self._at and now - self._at[-1] < BURST:
            return False
        self._at.append(now)
        many = len(self._at) == FIGHT and now - self._at[0] <= WINDOW
        self._fought = many or now < self._trial_until
        return self._fought

    def resume(self, now: float) -> None:
        """The VIPs are held again. After a fight the next removal within a window shows that it goes on."""
        if self._fought:
            self._fought, self._trial_until = False, now + WINDOW
