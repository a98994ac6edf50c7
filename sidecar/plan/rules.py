"""The rules by which a virtual router is elected and that its picture does not show, without any key.

The observer explains by them what the router does; whoever decides is the router, by `NodeParams`.
"""

from dataclasses import dataclass, replace

from sidecar.core.health.params import CheckParams, DampingParams
from sidecar.core.params import RouterParams


@dataclass(frozen=True, slots=True)
class RouterRules:
    """Those of one virtual router. `interval_cs` in centiseconds, `preempt_delay` and damping in seconds.

    `checks` are names. `free` is None without flap damping. `mac` is that of the
    virtual router, empty: its VIPs have that of the interface.
    """

    router: str
    interval_cs: int
    preempt: bool
    preempt_delay: float
    checks: tuple[str, ...]
    free: int | None = None
    hold: float = 0.0
    most: float = 0.0
    forget: float = 0.0
    mac: str = ""

    @property
    def damping(self) -> DampingParams | None:
        """The parameters of flap damping, None without it."""
        return None if self.free is None else DampingParams(self.free, self.hold, self.most, self.forget)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Those of all virtual routers of this host, and of the checks that they depend on."""

    routers: tuple[RouterRules, ...] = ()
    checks: tuple[CheckParams, ...] = ()
    sync_groups: tuple[tuple[str, ...], ...] = ()

    def of(self, router: str) -> RouterRules | None:
        """Return the rules of a router; None: it is not known."""
        return next((each for each in self.routers if each.router == router), None)

    def check(self, name: str) -> CheckParams | None:
        """Return the rules of a check; None: it is not known."""
        return next((each for each in self.checks if each.name == name), None)

    def group(self, router: str) -> tuple[str, ...]:
        """Return the routers that move together with this one, itself among them."""
        return next((group for group in self.sync_groups if router in group), (router,))


def rules_of(router: RouterParams) -> RouterRules:
    """Return the rules of a router."""
    damping = router.damping
    flaps = () if damping is None else (damping.free, damping.hold, damping.most, damping.forget)
    rules = RouterRules(
        router.name, router.interval_cs, router.preempt, router.preempt_delay, router.checks, *flaps
    )
    return rules if router.mac is None else replace(rules, mac=router.mac.hex(":"))
