"""One virtual router of the file. Secrets are in it as pydantic's secret types, which do not print."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from sidecar.config.mistake import quoted
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.scalars import (
    Flag,
    HostAddress,
    Interface,
    Key,
    Password,
    Seconds,
    Text,
    VipInterface,
    Whole,
    flag,
    whole,
)
from sidecar.config.values.spelling import wrong
from sidecar.core.params import PAIR

_LEAST_DEFAULT, _MOST_DEFAULT = 5.0, 300.0


def switch_or_mapping(value: object) -> object:
    """A mapping as it is; true and false, quoted or not, as the defaults and as nothing."""
    if value is None or isinstance(value, dict | Damping):
        return value
    try:
        return {} if flag(value) else None
    except PydanticCustomError:
        message = (
            f"{quoted(value)} is none of true, false and a mapping; write one such as {{free: 2, hold: 10s}}"
        )
        raise wrong("type", message) from None


def pair_or_none(value: object) -> object:
    """2, or nothing: with more hosts there is a backup that has to wait for another one."""
    count = None if value is None else whole(value)
    if count in (None, PAIR):
        return count
    raise wrong("choice", f"{quoted(value)} is not 2, and `hosts` is for pairs alone; remove it")


class Unicast(StrictModel):
    """Adverts to named peers instead of multicast."""

    source: HostAddress
    """Our own address on the interface."""
    peers: tuple[HostAddress, ...] = Field(min_length=1)
    """The other hosts, or all of them: the own address is no peer. Adverts of anybody else are dropped."""
    min_ttl: Whole = Field(default=255, ge=1, le=255)
    """Least TTL or hop limit of an accepted advert; each router on the way to a peer takes 1 from 255."""


class HmacKey(StrictModel):
    """One shared key. The first of the list signs, all of them verify."""

    id: Whole = Field(ge=1, le=255)
    """Number of the key in the packet, the same on all hosts."""
    key_file: Key
    """File that holds the key: 32 to 64 bytes, or `hex:` and digits; one newline at its end is ignored."""


class Auth(StrictModel):
    """Authentication of adverts: exactly one of `pass` and `hmac`. Messages never show what is below here."""

    password: Password | None = Field(default=None, alias="pass")
    """Password of version 2, cut to 8 bytes; readable in every packet, so it protects nothing."""
    hmac: tuple[HmacKey, ...] | None = Field(default=None, min_length=1)
    """Shared keys that sign adverts (draft-cassen-vrrp-auth-hmac, keepalived 2.4.2 or later)."""
    mode: Literal["receive-only", "permissive", "enforce"] = "enforce"
    """Steps of a roll-out: verify what is signed; sign as well; refuse what is not signed."""
    window: Seconds | None = None
    """Greatest difference of two clocks, 1s to 300s; default: three intervals, at least 5s."""

    def window_for(self, advert_interval: float) -> float:
        """The window in seconds, given or default."""
        default = min(max(3 * advert_interval, _LEAST_DEFAULT), _MOST_DEFAULT)
        return default if self.window is None else self.window


class Damping(StrictModel):
    """Flap damping, on unless `damping: false`: a host that fails too often must not preempt for a while."""

    free: Whole = Field(default=0, ge=0, le=100)
    """Failures that cost nothing. Each one may move the VIP away and back before the first hold-down."""
    hold: Seconds = 3.0
    """Hold-down after the next failure, counted from it, 1s to 1h; each further failure doubles it."""
    most: Seconds = Field(default=300.0, alias="max")
    """Longest hold-down, no shorter than `hold`, at most 24h."""
    forget: Seconds = 600.0
    """Time without a failure after which the count begins anew, no shorter than `max`, at most 168h."""


class VirtualRouter(StrictModel):
    """One virtual router: a VRID on an interface and the addresses that move together."""

    interface: Interface
    """Interface that carries the adverts and the VIPs: a name of it, or an address or network that it has."""
    vrid: Whole = Field(ge=1, le=255)
    """Virtual router id, the same on all hosts, unique on the LAN."""
    priority: Whole = Field(ge=1, le=255)
    """The highest priority serves; 255 marks the address owner."""
    addresses: tuple[VipInterface, ...] = Field(min_length=1, max_length=255)
    """The VIPs, all of one family; link-local IPv6 ones are advertised first."""
    advert_interval: Seconds = 1.0
    """Time between adverts, 10ms to 40.95s in steps of 10ms; version 2: whole seconds, 1s to 255s."""
    version: Annotated[Literal[2, 3], BeforeValidator(whole)] = 3
    """VRRP version: 3 (RFC 9568) or, for IPv4 alone, 2 (RFC 3768)."""
    preempt: Flag = True
    """Take over from a master of lower priority."""
    preempt_delay: Seconds = 0.0
    """Time to follow a master of lower priority before taking over, 0s to 1000s."""
    source: HostAddress | None = None
    """Address to multicast from; absent: the interface's first, for IPv6 its first link-local one."""
    unicast: Unicast | None = None
    """Absent: multicast."""
    auth: Auth | None = None
    """Absent: adverts are not authenticated."""
    v4_pseudo_header: Flag = True
    """IPv4 checksum of version 3 with the pseudo-header, as keepalived and FRR do; false: as RFC 9568."""
    accept: Flag = True
    """Accept what is sent to the VIPs; false: answer ARP and ND alone, as a gateway may."""
    virtual_mac: Flag = False
    """Put the VIPs on a macvlan with the virtual router's own MAC address, which moves with them."""
    damping: Annotated[Damping | None, BeforeValidator(switch_or_mapping), "mapping, true or false"] = (
        Damping()
    )
    """Keep a host that fails again and again from preempting for a growing time; on unless `false`."""
    hosts: Annotated[Literal[2] | None, BeforeValidator(pair_or_none)] = None
    """2: two sidecars alone share this router, so the backup takes over at once when the master resigns."""
    checks: tuple[Text, ...] | None = None
    """Names of the checks that decide for this router; absent: all."""
