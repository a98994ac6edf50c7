"""A router is made anew from what it remembers, with the same parameters or with others."""

import pickle
from dataclasses import fields, replace
from ipaddress import IPv4Interface

from sidecar.core.actions import Action, HoldVips, SendAdvert, Transition
from sidecar.core.health.effective_priority import EffectivePriority
from sidecar.core.node import Node
from sidecar.core.params import RouterParams
from sidecar.core.router.election import Election
from sidecar.core.router.router_state import RouterState
from sidecar.core.snapshot import Judged
from sidecar.core.state import State
from tests.unit.core.stage import VIP, heard, master, router


def state(of: Node) -> RouterState:
    """The state of the only router, dumped and loaded."""
    loaded = pickle.loads(pickle.dumps(of._elections["web"].router))  # noqa: S301  # our own bytes
    assert isinstance(loaded, RouterState)
    return loaded


def anew(params: RouterParams, remembered: RouterState) -> tuple[Election, list[Action]]:
    """A router with these parameters, and what it will do."""
    out: list[Action] = []
    return Election(params, remembered, out), out


def test_a_master_goes_on_with_its_beat() -> None:
    election, out = anew(router(100), state(master(100, at=10.0)))
    assert election.deadline == 11.0
    election.tick(11.0)
    assert [type(action) for action in out if isinstance(action, HoldVips | SendAdvert)] == [
        HoldVips,
        SendAdvert,
    ]
    assert not any(isinstance(action, Transition) for action in out)


def test_a_master_of_another_priority_stays_master_and_says_it() -> None:
    election, out = anew(router(150), state(master(100, at=10.0)))
    election.set_fitness(EffectivePriority(150, fit=True), 10.2)
    election.tick(11.0)
    (advert,) = (action for action in out if isinstance(action, SendAdvert))
    assert advert.priority == 150
    assert election.snapshot(Judged(), 11.0).state is State.MASTER


def test_every_record_counts_by_the_new_parameters() -> None:
    both = (VIP, IPv4Interface("10.77.0.101/32"))
    params = replace(router(100), addresses=both, interval_cs=50)
    remembered = state(master(100, at=10.0))
    election, out = anew(params, remembered)
    election.tick(11.0)
    (hold,) = (action for action in out if isinstance(action, HoldVips))
    assert hold.vips == both
    assert remembered.sending.interval == 0.5
    bound = [getattr(remembered, field.name) for field in fields(remembered)]
    assert all(record.params is params for record in bound if hasattr(record, "params"))


def test_what_was_heard_is_remembered() -> None:
    node = master(100, at=10.0)
    node.step([heard(50)], 10.1)
    election, _ = anew(router(100), state(node))
    shown = node.snapshot(10.2).routers[0]
    assert election.snapshot(shown.judged, 10.2) == shown
