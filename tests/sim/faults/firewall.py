"""A firewall of a host that lets nothing out: its kernel refuses to send."""

from math import inf

from tests.sim.host.host import Host
from tests.sim.world import World


def refuse_sending(world: World, host: Host, seconds: float) -> None:
    """A firewall of the host lets no advertisement out: the kernel says so with each of them."""
    host.mute(on=True)
    world.timeline.after(seconds, lambda: host.mute(on=False))


def refuse_sending_but_trials(world: World, host: Host, seconds: float) -> None:
    """The same behind the place that a trial to the group reaches."""
    host.mute(on=True, trials=False)
    world.timeline.after(seconds, lambda: host.mute(on=False))


def refuse_sending_to_one_peer(world: World, host: Host, seconds: float) -> None:
    """One unicast peer of several cannot be reached."""
    host.mute(on=True)
    if len(host.egress.unsendable) > 1:
        host.egress.unsendable, host.egress.mute_since = (
            frozenset({world.rng.choice(sorted(host.egress.unsendable))}),
            inf,
        )
    else:
        host.mute(on=False)
    world.timeline.after(seconds, lambda: host.mute(on=False))
