"""Keys that decide which host serves, and what is run when that changes."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding, quoted
from sidecar.config.router.damping import Damping, switch_or_mapping
from sidecar.config.router.hooks import Hooks
from sidecar.config.rules import Rule, rule, warning
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.scalars import Flag, Seconds, Text, Whole, whole
from sidecar.config.values.spelling import wrong
from sidecar.core.params import PAIR
from sidecar.core.priorities import OWNER, UNFIT_PRIORITY

_LONGEST_DELAY: Final = 1000.0


@rule("preempt_delay")
def delay_range(entry: Entry["Election"]) -> Iterator[Finding]:
    """The delay is bounded: a forgotten hour would look like a failure to take over."""
    if entry.model.preempt_delay > _LONGEST_DELAY:
        yield Finding((*entry.path, "preempt_delay"), "preempt-delay", "longer than 1000s; write 0s to 1000s")


@rule("startup_delay")
def startup_range(entry: Entry["Election"]) -> Iterator[Finding]:
    """So is this one: after a failure of power nobody serves meanwhile."""
    if entry.model.startup_delay > _LONGEST_DELAY:
        yield Finding((*entry.path, "startup_delay"), "startup-delay", "longer than 1000s; write 0s to 1000s")


@rule("preempt", "preempt_delay")
def delay_without_preempt(entry: Entry["Election"]) -> Iterator[Finding]:
    """A delay of what never happens."""
    if not entry.model.preempt and entry.model.preempt_delay:
        message = "has no effect with `preempt: false`; remove one of the two"
        yield warning((*entry.path, "preempt_delay"), "preempt-delay", message)


@rule("preempt", "priority")
def owner_preempts(entry: Entry["Election"]) -> Iterator[Finding]:
    """The address owner always takes over (RFC 9568 section 6.1, Preempt_Mode)."""
    if not entry.model.preempt and entry.model.priority == OWNER:
        message = (
            "has no effect at priority 255, whose owner always takes over; use a priority of 254 or less"
        )
        yield warning((*entry.path, "preempt"), "owner-preempt", message)


@rule("priority")
def priority_of_the_unfit(entry: Entry["Election"]) -> Iterator[Finding]:
    """A healthy node must not look like a sick one."""
    if entry.model.priority == UNFIT_PRIORITY:
        message = "is what an unfit host advertises, so fit hosts always take over from it; use 2 or more"
        yield warning((*entry.path, "priority"), "priority-unfit", message)


def _pair_or_none(value: object) -> object:
    """2, or nothing: with more hosts there is a backup that has to wait for another one."""
    if value is None:
        return None
    with suppress(PydanticCustomError):
        if whole(value) == PAIR:
            return PAIR
    raise wrong("choice", f"{quoted(value)} is not 2, and `hosts` is for pairs alone; remove it")


class Election(StrictModel):
    """Keys that decide which host serves, and what is run when that changes."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (
        delay_range,
        startup_range,
        delay_without_preempt,
        owner_preempts,
        priority_of_the_unfit,
    )

    priority: Whole = Field(ge=1, le=255)
    """The highest priority serves; 255 marks the address owner."""
    preempt: Flag = True
    """Take over from a master of lower priority."""
    preempt_delay: Seconds = 0.0
    """Time to follow a master of lower priority before taking over, 0s to 1000s."""
    startup_delay: Seconds = 0.0
    """Time from the start of the sidecar until it may take over, 0s to 1000s: for switch ports that forward
    late. It hears and follows a master meanwhile; a sidecar that goes on with its VIPs does not wait. Make it
    three intervals longer than the port needs. Skew_Time is added."""
    refuse_answered: Flag = False
    """Do not take over for the first time after a start while a machine that is not heard to advertise
    answers for a VIP: FAULT until it is silent. Without it that is an alarm alone. No takeover waits for an
    answer."""
    damping: Annotated[Damping | None, BeforeValidator(switch_or_mapping), "mapping, true or false"] = (
        Damping()
    )
    """Keep a host that fails again and again from preempting for a growing time; on unless `false`."""
    hosts: Annotated[Literal[2] | None, BeforeValidator(_pair_or_none)] = None
    """2: two sidecars alone share this router, so the backup takes over at once when the master resigns."""
    checks: tuple[Text, ...] | None = None
    """Names of the checks that decide for this router; absent: all."""
    hooks: Hooks | None = None
    """Programs that are run when the router moves, docs/hooks.md."""
