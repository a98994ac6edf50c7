"""The status document of another host, as far as this one uses it. Pure: bytes in, a value or a fault out.

Nothing in it is believed to be of the right kind: a host that answers nonsense is unreadable. Of the rest a
bounded part is kept, with letters that can be printed alone.
"""

import json
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_interface
from typing import Any, Final, Never, TypeVar

from sidecar.core.priorities import UNFIT_PRIORITY
from sidecar.core.state import State
from sidecar.telemetry.plain_words import excerpt, printable

MOST_ROUTERS: Final = 1024
MOST_ADDRESSES: Final = 255
_LONGEST: Final = 64
_LONGEST_SENTENCE: Final = 512
_LATEST: Final = 1e11
"""Unix seconds: some thousand years from now, so that no number of theirs is too large for ours."""
_VRIDS: Final = 255
_MAC: Final = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.ASCII)

Address = IPv4Address | IPv6Address
T = TypeVar("T")


class Unreadable(Exception):  # noqa: N818 - it is a state of affairs
    """The answer is no status document; the text says why."""


class NoAnswer(Unreadable):
    """Nothing at all came back."""


@dataclass(frozen=True, slots=True)
class RouterTold:
    """A virtual router of another host, as that host tells it. `since` is Unix seconds of its clock.

    `mac` is the MAC address of its interface there, None if it is not told.
    """

    name: str
    vrid: int
    state: State
    since: float
    reason: str
    priority: int
    effective: int
    addresses: tuple[Address, ...]
    owned: frozenset[Address]
    mac: str | None = None

    @property
    def fit(self) -> bool:
        """Whether no required check of it is down."""
        return self.effective > UNFIT_PRIORITY or self.effective == self.priority

    @property
    def able(self) -> bool:
        """Whether it serves, or could take over."""
        return self.state in (State.MASTER, State.BACKUP) and self.fit


@dataclass(frozen=True, slots=True)
class DrainTold:
    """An operator keeps the VIPs away from that host. `until` is Unix seconds of its clock; None: no end."""

    until: float | None
    why: str


@dataclass(frozen=True, slots=True)
class NodeTold:
    """Another host, as it tells of itself. `alive`: its protocol loop runs."""

    node: str
    version: str
    config_hash: str
    stopping: bool
    alive: bool
    routers: tuple[RouterTold, ...]
    drain: DrainTold | None = None

    @property
    def macs(self) -> frozenset[str]:
        """The MAC addresses of its interfaces, as far as they are told."""
        return frozenset(router.mac for router in self.routers if router.mac is not None)

    @property
    def drained(self) -> str | None:
        """Who keeps the VIPs away from it and until when, None if nobody does."""
        return None if self.drain is None else self.drain.why or "drained"


def read(body: bytes) -> NodeTold:
    """Return what the document says. Raises Unreadable."""
    try:
        whole = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unreadable("the answer is no JSON") from None
    document = _kind(whole, dict, "the document")
    routers = _kind(document.get("virtual_routers"), list, "virtual_routers")
    if not 0 < len(routers) <= MOST_ROUTERS:
        raise Unreadable(f"it has {len(routers)} virtual routers; 1 to {MOST_ROUTERS} are read")
    told = [_kind(each, dict, "a virtual router") for each in routers]
    if len({_kind(each.get("name"), str, "name") for each in told}) < len(told):
        raise Unreadable("two of its virtual routers have one name")
    loop = _kind(document.get("loop"), dict, "loop")
    return NodeTold(
        node=_text(document, "node"),
        version=_text(document, "version"),
        config_hash=_text(document, "config_hash"),
        stopping=_kind(document.get("stopping"), bool, "stopping"),
        alive=_kind(loop.get("alive"), bool, "loop.alive"),
        routers=tuple(map(_router, told)),
        drain=_drain(document.get("drain")),
    )


def _drain(told: object) -> DrainTold | None:
    """Return the drain; a sidecar that is older than that key has none."""
    if told is None:
        return None
    drain = _kind(told, dict, "drain")
    until = drain.get("until")
    return DrainTold(None if until is None else _moment(until, "drain.until"), _sentence(drain, "why"))


def _router(told: dict[str, Any]) -> RouterTold:
    priority = _kind(told.get("priority"), dict, "priority")
    addresses = _kind(told.get("addresses"), list, "addresses")
    if len(addresses) > MOST_ADDRESSES:
        raise Unreadable(f"a virtual router has {len(addresses)} addresses; {MOST_ADDRESSES} are read")
    vips = [_vip(_kind(each, dict, "an address")) for each in addresses]
    return RouterTold(
        name=_text(told, "name"),
        vrid=_number(told, "vrid", 1, _VRIDS),
        state=_state(told.get("state")),
        since=_moment(told.get("since")),
        reason=_sentence(told, "reason"),
        priority=_number(priority, "configured", 0, 255),
        effective=_number(priority, "effective", 0, 255),
        addresses=tuple(address for address, _ in vips),
        owned=frozenset(address for address, owned in vips if owned),
        mac=_mac(told.get("mac")),
    )


def _mac(value: object) -> str | None:
    """Return the MAC address, None if it is none: no status is refused for what only a sentence needs."""
    return value if isinstance(value, str) and _MAC.fullmatch(value) else None


def _vip(told: dict[str, Any]) -> tuple[Address, bool]:
    text = _kind(told.get("address"), str, "address")
    try:
        address = ip_interface(text[:_LONGEST]).ip
    except ValueError:
        raise Unreadable("an address of it is none") from None
    return address, _kind(told.get("owned"), bool, "owned")


def _state(value: object) -> State:
    try:
        return State(_kind(value, str, "state"))
    except ValueError:
        raise Unreadable("a virtual router is in no known state") from None


def _moment(value: object, name: str = "since") -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LATEST:
        raise Unreadable(f"{name} is no moment in Unix seconds")
    return float(value)


def _number(told: dict[str, Any], key: str, low: int, high: int) -> int:
    value = told.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Unreadable(f"{key} is no number from {low} to {high}")
    return value


def _text(told: dict[str, Any], key: str) -> str:
    return printable(_kind(told.get(key), str, key)[:_LONGEST])


def _sentence(told: dict[str, Any], key: str) -> str:
    return printable(excerpt(_kind(told.get(key), str, key), _LONGEST_SENTENCE))


def _kind(value: object, kind: type[T], name: str) -> T:
    if not isinstance(value, kind):
        raise Unreadable(f"{name} is missing, or of another kind")
    return value


def _refuse(word: str) -> Never:
    raise ValueError(word)
