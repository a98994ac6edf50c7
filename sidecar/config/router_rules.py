"""Rules about one virtual router, its addresses and adverts apart, and about several beside each other."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from sidecar.config.mistake import Finding, Path, did_you_mean, dotted, quoted
from sidecar.config.router_model import VirtualRouter
from sidecar.config.rules import LABEL, rule, warning
from sidecar.config.shape import Entry
from sidecar.config.values.scalars import HostAddress
from sidecar.core.interface_choice import same_interface
from sidecar.core.params import OWNER, UNFIT_PRIORITY

_MAX_PREEMPT_DELAY = 1000.0
_IPV6 = 6


@rule()
def router_name(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """A router's name is a label."""
    name = str(entry.path[-1])
    if not re.fullmatch(LABEL, name):
        message = f"{quoted(name)} is no router name; use 1 to 32 letters, digits, _ or -"
        yield Finding(entry.path, "name", message, at_key=True)


@rule("preempt_delay")
def preempt_delay(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """The delay is bounded: a forgotten hour would look like a failure to take over."""
    if entry.model.preempt_delay > _MAX_PREEMPT_DELAY:
        yield Finding((*entry.path, "preempt_delay"), "preempt-delay", "longer than 1000s; write 0s to 1000s")


@rule("preempt", "preempt_delay")
def delay_without_preempt(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """A delay of what never happens."""
    if not entry.model.preempt and entry.model.preempt_delay:
        message = "has no effect with `preempt: false`; remove one of the two"
        yield warning((*entry.path, "preempt_delay"), "preempt-delay", message)


@rule("preempt", "priority")
def owner_preempts(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """The address owner always takes over (RFC 9568 section 6.1, Preempt_Mode)."""
    if not entry.model.preempt and entry.model.priority == OWNER:
        message = (
            "has no effect at priority 255, whose owner always takes over; use a priority of 254 or less"
        )
        yield warning((*entry.path, "preempt"), "owner-preempt", message)


@rule("priority")
def priority_of_the_unfit(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """A healthy node must not look like a sick one."""
    if entry.model.priority == UNFIT_PRIORITY:
        message = "is what an unfit host advertises, so fit hosts always take over from it; use 2 or more"
        yield warning((*entry.path, "priority"), "priority-unfit", message)


@rule("accept", "priority")
def accepts_nothing(entry: Entry[VirtualRouter]) -> Iterator[Finding]:
    """The RFC's default is for gateways (RFC 9568 section 6.1, Accept_Mode)."""
    if entry.model.accept:
        return
    if entry.model.priority == OWNER:
        message = "has no effect at priority 255, whose owner accepts everything; remove it"
    else:
        message = (
            "drops what is sent to the VIPs, so nginx cannot be reached there: for gateways alone; remove it"
        )
    yield warning((*entry.path, "accept"), "accept", message)


ROUTER_RULES = (
    router_name,
    preempt_delay,
    delay_without_preempt,
    owner_preempts,
    priority_of_the_unfit,
    accepts_nothing,
)


def check_names(entry: Entry[VirtualRouter], known: AbstractSet[str]) -> Iterator[Finding]:
    """`checks` names checks that exist, each once."""
    if "checks" in entry.wrong:
        return
    names = entry.model.checks or ()
    for index, name in enumerate(names):
        path = (*entry.path, "checks", index)
        if name not in known:
            hint = (
                did_you_mean(name, known)
                or f"; add it under the top-level `checks:`, or remove {quoted(name)}"
            )
            yield Finding(path, "unknown-check", f"there is no check {quoted(name)}{hint}")
        elif name in names[:index]:
            yield Finding(
                path, "check-twice", f"{quoted(name)} is already in this list; remove one of the two"
            )


def side_by_side(entries: Sequence[Entry[VirtualRouter]]) -> Iterator[Finding]:
    """On one interface each VRID of a family belongs to one virtual router, and on all of them each VIP.

    A host has an address once, on whichever interface: two routers that hold it remove it from each other.
    Only link-local IPv6 addresses are others on each link.
    """
    vrids: dict[tuple[str, int, int], str] = {}
    vips: dict[tuple[str, HostAddress], tuple[str, Path]] = {}
    interfaces: list[str] = []
    for entry in entries:
        if not {"interface", "addresses"}.isdisjoint(entry.wrong):
            continue
        name, model = str(entry.path[-1]), entry.model
        where = next((each for each in interfaces if same_interface(each, model.interface)), model.interface)
        if where not in interfaces:
            interfaces.append(where)
        if "vrid" not in entry.wrong:
            other = vrids.setdefault((where, model.vrid, model.addresses[0].version), name)
            if other != name:
                message = f"router {quoted(other)} has it on {model.interface} already; choose another VRID"
                yield Finding((*entry.path, "vrid"), "vrid-twice", message)
        for index, vip in enumerate(model.addresses):
            path: Path = (*entry.path, "addresses", index)
            link = where if vip.version == _IPV6 and vip.ip.is_link_local else ""
            other, first = vips.setdefault((link, vip.ip), (name, path))
            if other != name:
                message = (
                    f"router {quoted(other)} has {vip.ip} already, at {dotted(first)}; a host has an address "
                    "once, whatever interface it is on: remove one of the two"
                )
                yield Finding(path, "vip-twice", message)


def one_macvlan_each(entries: Sequence[Entry[VirtualRouter]]) -> Iterator[Finding]:
    """A virtual MAC lives on an interface named after family and VRID, which exists once on a host."""
    seen: dict[tuple[int, int], Entry[VirtualRouter]] = {}
    for entry in entries:
        model = entry.model
        if not {"vrid", "addresses", "virtual_mac"}.isdisjoint(entry.wrong) or not model.virtual_mac:
            continue
        family = model.addresses[0].version
        first = seen.setdefault((family, model.vrid), entry)
        # on one interface the VRID itself is the mistake, and side_by_side says so
        if first.model.interface != model.interface:
            message = (
                f"router {quoted(first.path[-1])} with VRID {model.vrid} has it too, and both would need the "
                f"interface vrrp{family}-{model.vrid}; choose another VRID, or use it for one of them"
            )
            yield Finding((*entry.path, "virtual_mac"), "virtual-mac-twice", message)
