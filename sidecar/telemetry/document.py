"""The shape of /status.json and of `status -o json`. Names never change meaning; fields may be added.

Moments are Unix seconds, ages and durations seconds. Everybody who reads the document checks against this.
"""

from typing import NotRequired, TypedDict

from sidecar.telemetry.cost_document import Costs
from sidecar.telemetry.process_document import Processes


class Priority(TypedDict):
    """Priority of a virtual router on this host."""

    configured: int
    effective: int


class VipClaim(TypedDict):
    """One VIP: what the election wants and what the kernel has. Never `owned` while the loop is stuck.

    `mac`: with which this host answers for it, null while it does not, or before anything was overheard.
    """

    address: str
    desired: bool
    owned: bool
    mac: str | None
    advertised: NotRequired[bool]
    """There, and false, if it does not fit into an advertisement."""


class Master(TypedDict):
    """The master that this host follows, or itself."""

    source: str
    priority: int
    last_advert_age_seconds: float


class Mismatch(TypedDict):
    """A sender that is heard now and whose adverts differ from ours; followed unless it is refused.

    `mac` is null until it was found. `adverts` were heard since it was silent last.
    """

    source: str
    mac: str | None
    reason: str
    refused: bool
    detail: str
    remedy: str
    adverts: int
    last_advert_age_seconds: float


class Claim(TypedDict):
    """Another machine has said within the last seconds that it has a VIP of the router.

    `source` is the address from which it advertises, null if it was never heard to.
    """

    address: str
    mac: str
    source: str | None
    age_seconds: float


class Next(TypedDict):
    """The next step, as long as nothing happens but what happens already: one of the words of docs/status.md.

    It comes `at` that moment, `in_seconds` (below 0: it is due); null, if at no known one.
    """

    step: str
    at: float | None
    in_seconds: float | None
    sentence: str


class Hook(TypedDict):
    """The last outcome of a hook, `at` that moment, after it had run for so long; `failures` since the start.

    `failing`: it has failed, and no hook after it has told of a state of the router with success.
    """

    hook: str
    result: str
    detail: str
    at: float
    took_seconds: float
    failures: int
    failing: bool


class Router(TypedDict):
    """One virtual router. `master` is null when none is known, the hold-down when there is none.

    `hosts` is 2 or null; with it `other_hosts` are the senders that were heard within the last hour.
    `cannot_send` says why no other host hears this one, null if nothing is known against it.
    `adopted`: it is MASTER since an earlier process, which was killed, and no transition has made it so.
    `reason` is the cause of the last change, `since` when that was, and `next` what comes.
    `checks` are the names of those on which its priority depends.
    `hooks` are those that have run, `waits_for_hook` the one whose end the next move waits for.
    `interface` is what the configuration says, `device` what the kernel calls it now; null: there is none.
    `mac` is the MAC address of that device, null while nothing was overheard there.
    """

    name: str
    vrid: int
    interface: str
    device: str | None
    mac: str | None
    version: int
    mode: str
    state: str
    since: float
    reason: str
    adopted: bool
    priority: Priority
    addresses: list[VipClaim]
    master: Master | None
    master_down_interval_seconds: float
    masters_observed: int
    hold_down_seconds: float | None
    hosts: int | None
    other_hosts: list[str]
    mismatches: list[Mismatch]
    claims: list[Claim]
    cannot_send: str | None
    next: Next
    checks: list[str]
    costs: Costs
    hooks: list[Hook]
    waits_for_hook: str | None


class Check(TypedDict):
    """One check. `up` is null until there is a verdict, the age null until there is a result.

    `certificate_expires` is null where there is no TLS, or no handshake yet.
    """

    name: str
    kind: str
    up: bool | None
    detail: str
    since: float
    age_seconds: float | None
    certificate_expires: float | None


class PoolServer(TypedDict):
    """One server of a pool. `up` is null until there is a verdict, `ramp_percent` 100 but in a slow start."""

    server: str
    name: str
    up: bool | None
    in_service: bool
    weight: int
    ramp_percent: int
    detail: str
    since: float
    age_seconds: float | None


class Pool(TypedDict):
    """One pool: pending, live or failed. nginx was last proven to serve this `generation`.

    `cut_off` says why this host judges none of the servers; null: it does.
    """

    name: str
    upstream: str
    mode: str
    state: str
    since: float
    detail: str
    generation: int
    cut_off: str | None
    servers: list[PoolServer]


class Loop(TypedDict):
    """Signs of life of the protocol loop. States and VIPs are those of the last one, `beat_age_seconds` ago.

    All else of the router (ages, priorities of others, what is next) is as old as `picture_age_seconds` says:
    some milliseconds, or more where the router did not answer in time.
    """

    alive: bool
    beat_age_seconds: float | None
    picture_age_seconds: float


class Drain(TypedDict):
    """An operator keeps the VIPs away: since and until when, in Unix seconds; null: not known, or no end."""

    since: float | None
    until: float | None
    why: str


class NodeRouter(TypedDict):
    """A virtual router of another host, as it tells it. `fit`: no required check of it is down."""

    name: str
    vrid: int
    state: str
    fit: bool
    priority: Priority
    owned: list[str]


class Node(TypedDict):
    """Another host of `nodes`: its last answer, `age_seconds` old; null before the first one.

    `fault` says why the last question was not answered, null if it was. Then what follows may be over.
    `drained` says who keeps the VIPs away from it and until when, null if nobody does.
    """

    url: str
    node: str | None
    version: str | None
    config_hash: str | None
    same_config: bool | None
    age_seconds: float | None
    fault: str | None
    drained: str | None
    virtual_routers: list[NodeRouter]


class Finding(TypedDict):
    """A finding about the other hosts: two_holders, silent, unable or drift. A `fault`: exit code 2."""

    kind: str
    url: str
    fault: bool
    sentence: str


class LanFinding(TypedDict):
    """What was overheard and is wrong: two_holders, vip_answered, other_speaker, two_speakers, silent_master.

    A `fault`: exit code 2. `source` and `mac` are those of the other machine, null where they are not known.
    """

    kind: str
    router: str
    fault: bool
    sentence: str
    source: str | None
    mac: str | None


class Status(TypedDict):
    """The whole document, made `at` that moment. `nodes` are the other hosts, if the configuration names any.

    `config_reload_successful` is false while the file that was read last is refused. `troubles` are
    sentences about side services: they stop no VIP.
    """

    at: float
    node: str
    version: str
    revision: str
    uptime_seconds: float
    config_hash: str
    config_reload_successful: bool
    stopping: bool
    loop: Loop
    drain: Drain | None
    docker_connected: bool | None
    virtual_routers: list[Router]
    checks: list[Check]
    pools: list[Pool]
    troubles: list[str]
    processes: Processes | None
    nodes: list[Node]
    node_findings: list[Finding]
    lan_findings: list[LanFinding]


def sentence(mismatch: Mismatch) -> str:
    """Return one sentence about a sender that differs: who it is, what differs, what mends it."""
    mac = "" if mismatch["mac"] is None else f" ({mismatch['mac']})"
    treatment = "refused" if mismatch["refused"] else "followed"
    return f"adverts of {mismatch['source']}{mac} are {treatment}: {mismatch['detail']}; {mismatch['remedy']}"
