"""Properties of a pool's decisions under any events in any order."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.pool.events import (
    Applied,
    Apply,
    Audited,
    PoolEvent,
    Probed,
    Reloaded,
    ReloadResult,
    Resolved,
    Served,
)
from sidecar.core.pool.pool import Pool
from sidecar.core.pool.reload_budget import BURST
from sidecar.core.pool.upstream_file import Found, read
from tests.unit.core.pool.pool_stage import ONE, TWO, applies, params, passed

NAME = "app.example"
NAMED = ("10.0.0.31", "10.0.0.32")
ADDRESSES = (ONE, TWO, *(f"{ip}:8080" for ip in NAMED))
EVERY = 5.0
LONGEST = 60.0
"""Seconds after which everything that waits has happened: slow start, budget, pauses, forgotten addresses."""

probes = st.builds(
    Probed,
    st.sampled_from(ADDRESSES),
    st.builds(
        CheckResult,
        st.sampled_from((Outcome.PASS, Outcome.FAIL, Outcome.TIMEOUT, Outcome.ERROR)),
        st.just("x"),
        decisive=st.booleans(),
    ),
)
lookups = st.builds(Resolved, st.just(NAME), st.sampled_from(((), NAMED[:1], NAMED[1:], NAMED)))
moments = st.lists(
    st.tuples(
        st.floats(0, 8),
        st.lists(st.one_of(probes, probes, probes, lookups, st.sampled_from(Served)), max_size=4),
        st.sampled_from((*ReloadResult, ReloadResult.LIVE, ReloadResult.LIVE)),
    ),
    max_size=40,
)


@dataclass
class Nginx:
    """The file on disk and the generation served, as far as the pool can tell."""

    file: Found | None = None
    served: Found | None = None
    reloads: list[float] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def answer(self, apply: Apply, result: ReloadResult, now: float) -> Applied:
        found = read(apply.text, params())
        assert found is not None
        assert found.in_service or "127.0.0.1:1 down" in apply.text
        self.numbers.append(found.generation)
        reloaded = result in (ReloadResult.LIVE, ReloadResult.UNPROVEN)
        if reloaded:
            self.reloads.append(now)
        if result is ReloadResult.LIVE:
            self.file = self.served = found
        return Applied(apply.generation, result, "", reloaded)

    def audit(self, served: Served) -> Audited:
        return Audited(self.file, served)


def run(
    pool: Pool, nginx: Nginx, events: list[PoolEvent], result: ReloadResult, span: float, now: float
) -> float:
    """Let the pool live for a while; what it asks for is answered at once. Returns the time."""
    end, steps = now + span, 0
    while True:
        actions = pool.step(events, now)
        events = [nginx.answer(apply, result, now) for apply in applies(actions)]
        assert len(events) <= 1
        for report in actions:
            if isinstance(report, Reloaded):
                assert report.seconds >= 0
        if events:
            continue
        steps += 1
        assert steps < 400, "it spins"
        due = pool.deadline(now)
        if due > end:
            return end
        now = max(now, due)


@given(moments=moments)
def test_always(moments: list[tuple[float, list[PoolEvent | Served], ReloadResult]]) -> None:
    pool = Pool(params(ONE, TWO, f"{NAME}:8080", slow_start=9.0, reload_every=EVERY, max_age=30.0), 0.0)
    nginx, now = Nginx(), 0.0
    for span, items, result in moments:
        events = [nginx.audit(item) if isinstance(item, Served) else item for item in items]
        now = run(pool, nginx, events, result, span, now)
    assert nginx.numbers == sorted(set(nginx.numbers)), "a number is never used again"
    for start in nginx.reloads:
        within = [at for at in nginx.reloads if start <= at < start + 20]
        assert len(within) <= BURST + 20 / EVERY
    # Then all is well, and it must show.
    for second in range(int(LONGEST) + 10):
        events = [passed(address) for address in ADDRESSES]
        if second == 0:
            events += [Resolved(NAME, NAMED), nginx.audit(Served.YES if nginx.file else Served.SILENT)]
        now = run(pool, nginx, events, ReloadResult.LIVE, 1.0, now)
    snapshot = pool.snapshot(now)
    assert snapshot.state == "live"
    assert {server.address for server in snapshot.servers} == set(ADDRESSES)
    assert all(server.up and server.in_service and server.ramp == 100 for server in snapshot.servers)
    assert nginx.served is not None
    assert nginx.served.in_service == set(ADDRESSES)
    assert nginx.served.generation == snapshot.generation
