"""Regimes: each says which faults can happen; the more often one is named, the more often it does."""

from collections.abc import Callable

from tests.sim.faults.checks import fail_all_checks, fail_check, fail_in_turn
from tests.sim.faults.clock import set_the_clock
from tests.sim.faults.drain import DRAINS
from tests.sim.faults.firewall import refuse_sending, refuse_sending_but_trials, refuse_sending_to_one_peer
from tests.sim.faults.hooks import HOOKS
from tests.sim.faults.kernel import (
    busy_kernel,
    delete_by_hand,
    refuse,
    refuse_to_add,
    slow_kernel,
    stuck_kernel,
    take_address,
)
from tests.sim.faults.link import blink, unplug
from tests.sim.faults.network import cut_incoming, cut_off, cut_outgoing, duplicate, lose
from tests.sim.faults.observer import OBSERVER_FAULTS, kill_observer, restart_observer, stop_observer
from tests.sim.faults.process import freeze, kill, restart_at_once, stop
from tests.sim.faults.reload import RELOADS
from tests.sim.faults.restart import (
    restart_all,
    restart_before_any_verdict,
    restart_often,
    restart_with_another_configuration,
    restart_within_the_lease,
)
from tests.sim.faults.unknown_senders import (
    forged_priority_0,
    priority_0_of_an_unknown_sender,
    shout_nonsense,
)
from tests.sim.host.host import Host
from tests.sim.world import World

Fault = Callable[[World, Host, float], None]
"""Something that happens to a host of a world, for some seconds."""

RESTARTS = "+restarts"
"""Added to the name of a regime: processes are killed and started again at once, too."""

_PLANNED = (stop, stop, fail_check, fail_check, fail_all_checks, shout_nonsense)
_PROCESS = (
    *_PLANNED,
    kill,
    kill,
    restart_at_once,
    freeze,
    freeze,
    refuse,
    refuse_to_add,
    take_address,
    delete_by_hand,
    slow_kernel,
    unplug,
    blink,
)
_RESTARTS = (
    restart_at_once,
    restart_within_the_lease,
    restart_within_the_lease,
    restart_within_the_lease,
    restart_often,
    restart_before_any_verdict,
    restart_all,
    restart_with_another_configuration,
)
_REGIMES: dict[str, tuple[Fault, ...]] = {
    "planned": _PLANNED,
    "pair": (
        *_PLANNED,
        fail_in_turn,
        fail_in_turn,
        priority_0_of_an_unknown_sender,
        priority_0_of_an_unknown_sender,
    ),
    "process": _PROCESS,
    "unheard": (
        *_PLANNED,
        kill,
        unplug,
        refuse_sending,
        refuse_sending,
        refuse_sending,
        *(refuse_sending_to_one_peer,) * 6,
    ),
    "busy": (
        *_PLANNED,
        busy_kernel,
        busy_kernel,
        busy_kernel,
        stuck_kernel,
        stuck_kernel,
        stuck_kernel,
        forged_priority_0,
        forged_priority_0,
        delete_by_hand,
        blink,
    ),
    "network": (
        *_PROCESS,
        cut_off,
        cut_incoming,
        cut_outgoing,
        lose,
        refuse_sending,
        refuse_sending,
        refuse_sending_but_trials,
        refuse_sending_to_one_peer,
        duplicate,
        set_the_clock,
        cut_off,
        cut_incoming,
        lose,
    ),
    "observer": (*_PLANNED, *OBSERVER_FAULTS),
    "reload": (*_PLANNED, *RELOADS, *RELOADS),
    "drained": (*_PLANNED, *DRAINS, *DRAINS),
    "hooks": (*_PLANNED, *DRAINS, *HOOKS, *HOOKS, kill_observer, restart_observer, stop_observer, stop, kill),
}
REGIMES = tuple(_REGIMES)
"""In the order in which a run over many seeds takes them; a new one comes last."""
RESTARTED = tuple(regime + RESTARTS for regime in REGIMES)
"""The same regimes, with processes that are killed and started again at once."""


def faults_of(named: str) -> tuple[Fault, ...]:
    """Return the faults of a regime, with or without restarts."""
    base = named.removesuffix(RESTARTS)
    faults = _REGIMES[base]
    return faults if base == named else faults + _RESTARTS * (1 + len(faults) // len(_RESTARTS))
