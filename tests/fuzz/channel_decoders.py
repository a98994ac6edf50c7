"""Every decoder of the channel, and what must hold for any bytes: a value with one encoding, or Malformed.

The first byte of an input chooses the decoder.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_interface
from math import inf
from typing import Any, Final

from sidecar.channel.codec import Codec
from sidecar.channel.down import (
    DOWN,
    Beat,
    CheckShown,
    CounterTotal,
    Hello,
    HistogramTotal,
    HookAsked,
    HookSkipped,
    Level,
    Line,
    Noted,
    Overheard,
    PlanPiece,
    Pulse,
    RouterEnds,
    RouterProcess,
    RouterShown,
    StatusAsked,
    Totals,
)
from sidecar.channel.malformed import Malformed
from sidecar.channel.observer_plan import OBSERVER_PLAN
from sidecar.channel.package import PACKAGE, Package
from sidecar.channel.parameters import NODE_PARAMS
from sidecar.channel.reload import (
    READING,
    Abandon,
    Commit,
    Exchange,
    Exchanged,
    MoreSockets,
    Prepared,
    Reading,
    ReloadAsked,
    Reloaded,
    ReloadResult,
)
from sidecar.channel.up import UP, Alive, Fresh, FreshResults, Look, Ready
from sidecar.core.actions import (
    AdoptionDecided,
    CancelHook,
    Resigned,
    RunHook,
    SenderFound,
    SendRecovered,
    Transition,
    VipChanged,
    Warned,
)
from sidecar.core.events import HookEnded
from sidecar.core.health.drain_events import DrainAsked, UndrainAsked
from sidecar.core.health.observer_events import CheckVerdict
from sidecar.core.health.params import CheckParams
from sidecar.core.health.reports import CheckChanged
from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.hook import Hook, HookResult
from sidecar.core.params import NodeParams
from sidecar.core.pool.params import PoolParams, ServerParams
from sidecar.core.snapshot import (
    Contention,
    Judged,
    MasterSeen,
    Outlook,
    PeerMismatch,
    RouterSnapshot,
    Step,
    Wait,
)
from sidecar.core.state import Adoption, Reason, State
from sidecar.core.wire.captured import Frame
from sidecar.plan.check import HttpCheck, IcmpCheck, Identity, LinkCheck
from sidecar.plan.endpoints import HttpUrl
from sidecar.plan.hooks import HookCommand, HookPrograms
from sidecar.plan.plan import ObserverPlan
from sidecar.plan.pool import Pool, PoolCheck, Reload
from sidecar.plan.services import Docker
from tests.fuzz.packets import ROUTERS

VIP: Final = ip_interface("10.77.0.100/32")
PEER: Final = IPv4Address("10.77.0.12")
RUN: Final = RunHook("web", Hook.ON_CHECK, 5.0, State.BACKUP, 250, 5.5, "http", up=False)
VERDICT: Final = CheckVerdict("http", up=True, unknown=False, detail="200", since=1.5, reported_at=2.5)
SNAPSHOT: Final = RouterSnapshot(
    name="web",
    vrid=51,
    interface="eth0",
    family=4,
    version=3,
    mode="multicast",
    state=State.MASTER,
    since=940.0,
    reason="no advertisement of 10.77.0.12 for 3.06 s",
    priority=250,
    effective_priority=230,
    vips=(VIP,),
    desired=True,
    owned=frozenset({VIP}),
    master=MasterSeen(IPv4Address("10.77.0.11"), 230, 999.75, 1.0),
    master_down_interval=3.0234375,
    masters_observed=1,
    held_until=5.0,
    hosts=2,
    other_hosts=(PEER, IPv6Address("fe80::12%eth0")),
    mismatches=(PeerMismatch(PEER, b"123456", "addresses", True, "differs", "mend it", 3, 999.0),),
    cannot_send="a firewall",
    device="eth0",
    outlook=Outlook(Step.HELD_DOWN, 1005.0, 2),
    waits_since=999.75,
    contention=Contention(Wait.AFTER_US, 2.0, 1004.0, 250, PEER, PEER, 1003.0, "refused", 1001.0, PEER),
    judged=Judged(True, False, 1010.0, 3, 998.0, frozenset({"new"})),
)
PROCESS: Final = RouterProcess(1, 0, 0x3000, 0x3000, 0x3000, 0, 2, 8388608)
REPORTS: Final = (
    Transition("web", State.BACKUP, State.MASTER, Reason.MASTER_DOWN, "silence"),
    AdoptionDecided("web", Adoption.EXPIRED, "no time left"),
    Resigned("web", "swept"),
    SendRecovered("web"),
    SenderFound("web", PEER, b"123456"),
    CheckChanged("http", "http", up=False, detail="refused"),
    VipChanged("web", "removed", (VIP,)),
    Warned(None, "netlink", "dump", "interrupted", PEER),
)
TOLD: Final = (
    Hello(3, 1, 2),
    CheckParams("http", "http", weight=-20, max_age=3.5),
    VERDICT,
    PlanPiece(b"plan", last=True),
    Line(1.0, Level.INFO, "start", (("version", "1.0"),)),
    *(Noted(1.0, report, 2) for report in REPORTS),
    Totals((CounterTotal("errors_total", ("a", "b"), 5),), (HistogramTotal("h", ("web",), (1, 0, 2), 1.5),)),
    RouterShown(0, SNAPSHOT),
    CheckShown(1, CheckSnapshot("http", "http", True, "200", 1.0, 2.0, 1.79e9)),
    Beat(1.0, drained_until=2.0),
    Pulse(1.0, 0.5, stopping=False, process=PROCESS, answers=7),
    HookAsked(3, RUN),
    CancelHook("web", 5.0),
    HookSkipped(6.0, RUN, HookResult.LOST),
    Overheard(1.0, "eth0", b"\2" * 6, (Frame(True, 0x0800, b"\2" * 6, b"\x45" * 32),)),
    StatusAsked(),
    Exchange(7, 2),
    MoreSockets(2, 1),
    Commit(7),
    Abandon(7),
    Reloaded(3, ReloadResult.REFUSED, "the file is wrong", b"{}"),
    RouterEnds(),
)
PLAN: Final = ObserverPlan(
    "a",
    ("web",),
    (
        HttpCheck("http", url=HttpUrl(True, "localhost", 443, "/")),
        IcmpCheck("gw", target=IPv6Address("fe80::1%eth0")),
        LinkCheck("uplink", interface="eth0"),
    ),
    (
        Pool(
            PoolParams("app", "app", (ServerParams("app-1", 80),)),
            PoolCheck(http="/"),
            "/etc/nginx/pools/app.conf",
            Reload(pid_file="/run/nginx.pid"),
        ),
    ),
    docker=Docker(),
    shared_hash="0123456789ab",
    warnings=("look at this",),
    hooks=(HookPrograms("web", (HookCommand(Hook.POST_ACQUIRE, ("/bin/true", "x")),), 30.0, Identity(1, 2)),),
)


@dataclass(frozen=True, slots=True)
class Decoder:
    """A codec, with values that the search begins with."""

    codec: Codec[Any]
    values: tuple[Any, ...]


DECODERS: Final = (
    Decoder(
        NODE_PARAMS,
        (
            NodeParams("a", ROUTERS[:1], (CheckParams("http", "http", max_age=3.5),), (("web",),)),
            NodeParams("b", ROUTERS),
        ),
    ),
    Decoder(
        UP,
        (
            Ready(),
            Alive(1.0, 7),
            Look(3, totals=True),
            VERDICT,
            FreshResults((Fresh(0, 1.0), Fresh(4095, 2.0))),
            ReloadAsked(1, dry_run=True),
            Prepared(7, "the port is taken"),
            Exchanged(7),
            DrainAsked(inf, "drained by uid 0"),
            UndrainAsked(),
            HookEnded("web", Hook.PRE_ACQUIRE, 5.0, HookResult.FAILED, "exit status 3"),
        ),
    ),
    Decoder(DOWN, TOLD),
    Decoder(OBSERVER_PLAN, (PLAN,)),
    Decoder(PACKAGE, (Package(b"node", b"plan", 1, 16, DrainAsked(12.5, "drained")), Package(b"", b""))),
    Decoder(READING, (Reading(Package(b"node", b"plan"), "", b"{}"), Reading(None, "wrong", b"{}"))),
)


def check(data: bytes) -> None:
    """Decode it, and encode what came out."""
    if not data:
        return
    codec = DECODERS[data[0] % len(DECODERS)].codec
    try:
        value = codec.decode(data[1:])
    except Malformed:
        return
    assert codec.encode(value) == data[1:]


def seeds() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every seed."""
    for number, decoder in enumerate(DECODERS):
        for which, value in enumerate(decoder.values):
            yield f"{number}-{which}", bytes((number,)) + decoder.codec.encode(value)
