"""Hosts, kernels, LAN and clients in one thread, on virtual time, from one seed."""

from dataclasses import dataclass, replace
from functools import partial
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from random import Random

from sidecar.core.address import Address, Vip
from sidecar.core.events import PacketReceived
from sidecar.core.health.params import OBSERVER_SILENCE, CheckParams, DampingParams
from sidecar.core.hook import Hook, HookParams
from sidecar.core.params import HmacParams, NodeParams, RouterParams, Unicast
from sidecar.core.wire.advert import Advert, encode
from sidecar.core.wire.constants import GROUPS, TTL
from sidecar.core.wire.hmac_key import HmacKey
from tests.sim.client import Client
from tests.sim.host.egress import Egress, Wires
from tests.sim.host.host import Host
from tests.sim.kernel import Kernel
from tests.sim.lan import Lan
from tests.sim.monitors.expected_priority import expected_priority, should_preempt
from tests.sim.monitors.registry import Monitors
from tests.sim.observer.pace import Pace
from tests.sim.timeline import Timeline
from tests.sim.violation import Violation

VIP = IPv4Interface("10.77.0.100/32")
VIPS6 = (IPv6Interface("fe80::100"), IPv6Interface("2001:db8::100"))
VRID = 51
CLIENT_PORT = 100
ROGUE_PORT = 200
ROGUES: dict[int, Address] = {4: IPv4Address("10.77.0.66"), 6: IPv6Address("fe80::66")}
UNKNOWN_SENDERS: dict[int, Address] = {4: IPv4Address("10.77.0.67"), 6: IPv6Address("fe80::67")}
HMAC = HmacParams((HmacKey(1, bytes(range(32))),))


@dataclass(frozen=True, slots=True)
class Plan:
    """The settings of a world. `interval_cs` in centiseconds; `overlap`, a bound, in seconds."""

    priorities: tuple[int, ...]
    interval_cs: int = 100
    preempt: bool = True
    preempt_delay: float = 0.0
    startup_delay: float = 0.0
    unicast: bool = False
    vips: tuple[Vip, ...] = (VIP,)
    version: int = 3
    signed: bool = False
    damped: bool = False
    damping: DampingParams | None = None
    """Used as it is if given; `damped` alone means hold-downs short enough for a simulation."""
    hosts: int | None = None
    checks: int = 1
    pace: Pace | None = None
    """Not given: the checks are told by events, at once. Else all but the first one are polled."""
    max_age: float | None = None
    silence: float = OBSERVER_SILENCE
    hook_timeout: float = 0.0
    """Seconds that a takeover waits for its hook; 0: there are no hooks."""
    overlap: float = 0.1
    lossless: bool = True
    clients: int = 2

    @property
    def interval(self) -> float:
        return self.interval_cs / 100

    @property
    def family(self) -> int:
        return self.vips[0].version


class World:
    """Host n has address 10.77.0.9 + n and port n. As text the greatest of these addresses is the first."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.rng = Random(seed)  # noqa: S311  # repeatable misfortune
        self.timeline = Timeline()
        self.lan = Lan(self.timeline, self.rng)
        self.monitors = Monitors(self.timeline, overlap=plan.overlap, lossless=plan.lossless)
        self.clients = [Client() for _ in range(plan.clients)]
        self.hosts = [self._host(number) for number in range(len(plan.priorities))]

    # ---- running

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.timeline.run_until(self.timeline.now + seconds)

    def settle(self) -> None:
        """Wait as long as anything may take after the last fault, then demand order."""
        a = self.plan.interval
        self.run(2.5 + 5 * a + (4 * a + self.plan.preempt_delay) * (self.plan.preempt_delay > 0))
        self.run(self.plan.startup_delay + 2 * self.plan.hook_timeout)
        self.monitors.check_gap()
        holder = self.one_holder()
        self.monitors.quiet = True
        self.run(11.5)
        self.monitors.hooks_settled()
        for client in self.clients:
            for vip in self.plan.vips:
                if client.neighbours.get(vip.ip) != holder.mac:
                    raise Violation("arp-wrong", self.timeline.now, f"a client misses host {holder.number}")

    def one_holder(self) -> Host:
        """Return the one host that has the VIPs; it must be the right one."""
        holders = [h for h in self.hosts if h.link_up and h.kernel.ours]
        if (
            len(holders) != 1
            or holders[0].state != "MASTER"
            or len(holders[0].kernel.ours) != len(self.plan.vips)
        ):
            states = [(h.state, len(h.kernel.ours)) for h in self.hosts]
            raise Violation("convergence", self.timeline.now, f"holders {states}")
        able = [h for h in self.hosts if h.node is not None and not h.frozen and h.link_up]
        best = max(able, key=expected_priority)
        if self.plan.preempt and should_preempt(best, holders[0]):
            raise Violation("convergence", self.timeline.now, f"host {holders[0].number}, not {best.number}")
        return holders[0]

    def one_holder_number(self) -> int | None:
        """Return the number of the only host with a VIP, None if there is none or more than one."""
        holders = [h.number for h in self.hosts if h.link_up and h.kernel.ours]
        return holders[0] if len(holders) == 1 else None

    def junk(self, host: Host, payload: bytes, ttl: int, destination: Address) -> None:
        """Somebody on the LAN sends nonsense to a host."""
        rogue = ROGUES[self.plan.family]
        event = PacketReceived("eth0", rogue, destination, ttl, payload)
        self.monitors.rogues = frozenset({rogue})
        self.lan.send((ROGUE_PORT, host.number), partial(self._arrive, host, event))

    def forge(self, victim: Host, priority: int) -> None:
        """Somebody says this to all the others in a host's name."""
        self._said(victim.address, priority, [host for host in self.hosts if host is not victim])

    def intrude(self, priority: int) -> None:
        """A host that is none of ours says this to all."""
        self._said(UNKNOWN_SENDERS[self.plan.family], priority, self.hosts)

    def _said(self, source: Address, priority: int, to: list[Host]) -> None:
        addresses = tuple(vip.ip for vip in self.plan.vips)
        said = Advert(VRID, priority, self.plan.interval_cs, addresses, self.plan.version)
        group = GROUPS[self.plan.family]
        payload = encode(said, source, group, pseudo_header=True)
        event = PacketReceived("eth0", source, group, TTL, payload)
        for host in to:
            self.lan.send((ROGUE_PORT, host.number), partial(self._arrive, host, event))

    # ---- building

    def _host(self, number: int) -> Host:
        kernel = Kernel(self.timeline, self.rng, "web")
        address = self._address(number)
        checks = tuple(f"check{i}" for i in range(self.plan.checks))
        host = Host(
            initial=self._params(number, checks),
            address=address,
            mac=bytes((2, 0, 0, 0, 0, number)),
            kernel=kernel,
            timeline=self.timeline,
            rng=self.rng,
            egress=Egress(number, Wires(self._packet, self._frames)),
            watcher=self.monitors,
            offset=self.rng.uniform(0, 1e6),
            good=dict.fromkeys(checks, True),
            pace=self.plan.pace,
            silence=self.plan.silence,
        )
        kernel.observe = host.sense
        self.monitors.enrol(host)
        return host

    def _params(self, number: int, checks: tuple[str, ...]) -> NodeParams:
        peers = tuple(self._address(n) for n in range(len(self.plan.priorities)) if n != number)
        router = RouterParams(
            name="web",
            interface="eth0",
            vrid=VRID,
            priority=self.plan.priorities[number],
            addresses=self.plan.vips,
            interval_cs=self.plan.interval_cs,
            preempt=self.plan.preempt,
            preempt_delay=self.plan.preempt_delay,
            startup_delay=self.plan.startup_delay,
            unicast=Unicast(self._address(number), peers) if self.plan.unicast else None,
            version=self.plan.version,
            hmac=HMAC if self.plan.signed else None,
            checks=checks,
            damping=self.plan.damping or (self._damping() if self.plan.damped else None),
            hosts=self.plan.hosts,
            hooks=HookParams(tuple(Hook), self.plan.hook_timeout) if self.plan.hook_timeout else None,
        )
        polled = dict.fromkeys(checks[1:], self.plan.max_age)
        watched = tuple(CheckParams(name, "fake", max_age=polled.get(name)) for name in checks)
        return NodeParams(f"host{number}", (router,), watched)

    def _damping(self) -> DampingParams:
        unit = self.plan.interval
        return DampingParams(free=0, hold=2 * unit, most=4 * unit, forget=60 * unit)

    def _address(self, number: int) -> Address:
        base: Address = IPv4Address("10.77.0.9") if self.plan.family == 4 else IPv6Address("fe80::f")
        return base + number

    # ---- the wires

    def _packet(self, sender: int, source: Address, destination: Address, payload: bytes) -> None:
        event = PacketReceived("eth0", source, destination, TTL, payload)
        for host in self.hosts:
            if host.number != sender and destination in {GROUPS[self.plan.family], host.address}:
                self.lan.send((sender, host.number), partial(self._arrive, host, event))

    def _arrive(self, host: Host, event: PacketReceived) -> None:
        if host.link_up:
            host.sense(replace(event))

    def _frames(self, sender: int, frames: tuple[bytes, ...]) -> None:
        for port, client in enumerate(self.clients, CLIENT_PORT):
            for frame in frames:
                self.lan.send((sender, port), partial(self._to_client, client, frame))

    def _to_client(self, client: Client, frame: bytes) -> None:
        client.hear(frame, self.timeline.now)
