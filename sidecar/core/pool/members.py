"""Servers of a pool: verdicts on every address of every server, and the lineup that follows."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from math import inf
from typing import Final

from sidecar.core.health.check_state import CheckState
from sidecar.core.health.params import CheckParams
from sidecar.core.health.result import CheckResult
from sidecar.core.pool.params import PoolParams, ServerParams, at
from sidecar.core.pool.snapshot import ServerSnapshot
from sidecar.core.pool.upstream import Mode, Upstream, UpstreamServer

STEPS: Final = 4
"""A slow start has this many weights: a quarter, a half, three quarters, all."""
_ROUNDING: Final = 1e-6
FORGET: Final = 60.0
"""Seconds for which an address that its name no longer has is kept while it passes: some answers rotate."""


@dataclass(slots=True)
class Member:
    """One address. It is `missing_since` its name was looked up without it."""

    address: str
    server: ServerParams
    state: CheckState
    returned_at: float = -inf
    missing_since: float = inf
    rotates: bool = False
    """Whether it was missing before and came back: an answer without it is no news any more."""

    def ramp(self, slow_start: float, now: float) -> int:
        """Return how many of STEPS parts of its weight it gets."""
        elapsed = now - self.returned_at
        if elapsed >= slow_start:
            return STEPS
        # The first step begins with the return; the last would begin with the end of the slow start.
        return min(STEPS, 1 + int(elapsed / slow_start * (STEPS - 1) + _ROUNDING))

    def ramps_at(self, slow_start: float, now: float) -> float:
        """Return when it gets more."""
        step = self.ramp(slow_start, now)
        return inf if step == STEPS else self.returned_at + slow_start * step / (STEPS - 1)


@dataclass(slots=True)
class Members:
    """All members in the order of the file. `now` is seconds of any clock that never goes back."""

    params: PoolParams
    members: dict[str, Member] = field(default_factory=dict)
    _unresolved: dict[str, str] = field(default_factory=dict)
    _awaited: set[str] = field(default_factory=set)
    _answers: dict[str, frozenset[str]] = field(default_factory=dict)
    """By name, the addresses of the last answer."""

    def start(self, now: float) -> None:
        """Begin with the servers that need no lookup."""
        self._awaited = set(self.params.hosts)
        for server in self.params.servers:
            if server.literal is not None:
                self._join(server, server.literal, now)

    @property
    def settled(self) -> bool:
        """Whether every name was looked up and every address has a verdict."""
        return not self._awaited and all(member.state.up is not None for member in self.members.values())

    def resolve(self, host: str, addresses: tuple[str, ...], detail: str, now: float) -> bool:
        """Take the answer of a lookup; return whether it is news. A failed one keeps what is known."""
        first = host in self._awaited
        self._awaited.discard(host)
        if not addresses:
            news = host not in self._unresolved
            self._unresolved[host] = detail
            return news
        news = self._unresolved.pop(host, None) is not None
        self._answers[host] = frozenset(addresses)
        for server in self.params.servers:
            if server.host == host:
                for address in addresses:
                    news |= self._join(server, address, now, first=first)
        return self._miss(host, now) or news

    def _join(self, server: ServerParams, ip: str, now: float, *, first: bool = True) -> bool:
        """Have an address of a server among the members. `first`: it is in the first answer of its name."""
        address = at(ip, server.port)
        member = self.members.get(address)
        if member is not None:
            # Whose it is does not depend on which name is answered first. Later whoever has it keeps it, so
            # that answers that rotate move no weight.
            missing, member.missing_since = member.missing_since != inf, inf
            member.rotates = member.rotates or missing
            return (first or missing) and self._give(member, self._owner(address) or server)
        params = CheckParams(address, "pool", self.params.rise, self.params.fall, max_age=self.params.max_age)
        self.members[address] = Member(address, server, CheckState(params, since=now))
        self._sort()
        return True

    def _give(self, member: Member, server: ServerParams) -> bool:
        """Let an address be that of this server; return whether it was another one's."""
        if member.server == server:
            return False
        member.server = server
        self._sort()
        return True

    def _sort(self) -> None:
        order = {server: place for place, server in enumerate(self.params.servers)}
        # By number and not by the order of the answer, which many name servers rotate.
        ordered = sorted(self.members.values(), key=lambda m: (order[m.server], _number(m.address)))
        self.members = {member.address: member for member in ordered}

    def _owner(self, address: str) -> ServerParams | None:
        """Return the first server of the file that has this address by what its name was answered last."""
        for server in self.params.servers:
            known = self._answers.get(server.host, ()) if server.literal is None else (server.literal,)
            if address in {at(ip, server.port) for ip in known}:
                return server
        return None

    def _miss(self, host: str, now: float) -> bool:
        news = False
        for member in tuple(self.members.values()):
            if member.server.host != host or member.missing_since != inf:
                continue
            owner = self._owner(member.address)
            if owner is None:
                member.missing_since = now
                news = news or not member.rotates
            else:
                news |= self._give(member, owner)
        return news

    def probe(self, address: str, result: CheckResult, now: float) -> CheckState | None:
        """Take a result; return the state if the verdict changed. Results of unknown servers are ignored."""
        member = self.members.get(address)
        return None if member is None else self._set(member, member.state.after(result, now), now)

    def age(self, now: float) -> list[CheckState]:
        """Drop who was forgotten by its name, fail whose result is too old; return the changed states."""
        for member in tuple(self.members.values()):
            if member.missing_since <= now and (
                member.state.up is False or now - member.missing_since >= FORGET
            ):
                del self.members[member.address]
        changed = (self._set(member, member.state.aged(now), now) for member in self.members.values())
        return [state for state in changed if state is not None]

    def excuse(self, seconds: float) -> None:
        """Count a stall of ours in nobody's disfavour."""
        for member in self.members.values():
            member.state = member.state.excused(seconds)
            member.missing_since += seconds

    @staticmethod
    def _set(member: Member, state: CheckState, now: float) -> CheckState | None:
        before, member.state = member.state.up, state
        if before is False and state.up:
            member.returned_at = now
        return None if state.up is before else state

    def deadline(self, now: float) -> float:
        """When the lineup or a verdict changes by waiting."""
        due = [member.state.stale_at for member in self.members.values()]
        due += [member.missing_since + FORGET for member in self.members.values()]
        due += [m.ramps_at(self.params.slow_start, now) for m in self.members.values() if m.state.up]
        return min(due, default=inf)

    def lineup(self, now: float) -> Upstream:
        """Return who is to get requests now."""
        members = tuple(self.members.values())
        up = [member for member in members if member.state.up]
        if up:
            return Upstream(Mode.NORMAL, self._weighted(members, now))
        if self.params.sorry:
            out = tuple(_place(member, member.server.weight, serves=False) for member in members)
            return Upstream(Mode.SORRY, out, self.params.sorry)
        everybody = tuple(_place(member, member.server.weight, serves=True) for member in members)
        return Upstream(Mode.FAIL_OPEN if members else Mode.EMPTY, everybody)

    def _weighted(self, members: tuple[Member, ...], now: float) -> tuple[UpstreamServer, ...]:
        ramps = {m.address: m.ramp(self.params.slow_start, now) for m in members if m.state.up}
        # Weights are relative: among servers that all start slowly each gets its share at once.
        slow = len(set(ramps.values())) > 1
        return tuple(
            _place(m, m.server.weight * (ramps.get(m.address, STEPS) if slow else 1), serves=bool(m.state.up))
            for m in members
        )

    def snapshot(self, in_service: frozenset[str], now: float) -> tuple[ServerSnapshot, ...]:
        """Return what people see of the members; names that do not resolve are among them."""
        known = tuple(
            ServerSnapshot(
                address=m.address,
                name=m.server.name,
                up=m.state.up,
                in_service=m.address in in_service,
                weight=m.server.weight,
                ramp=m.ramp(self.params.slow_start, now) * 100 // STEPS,
                detail=m.state.detail,
                since=m.state.since,
                reported_at=m.state.reported_at,
            )
            for m in self.members.values()
        )
        served = {member.server.host for member in self.members.values()}
        lost = ((s, self._unresolved[s.host]) for s in self.params.servers if s.host in self._unresolved)
        return known + tuple(
            ServerSnapshot(s.name, s.name, None, False, s.weight, 0, why, now, None)
            for s, why in lost
            if s.host not in served
        )


def _place(member: Member, weight: int, *, serves: bool) -> UpstreamServer:
    note = "" if member.state.up else member.state.detail
    return UpstreamServer(member.address, weight, serves, note)


def _number(address: str) -> tuple[int, int]:
    ip = ip_address(address.rpartition(":")[0].strip("[]"))
    return ip.version, int(ip)
