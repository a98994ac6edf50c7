"""Common parts of the transcripts of pools: a pool of two servers, and words for events."""

from sidecar.core.health.result import CheckResult, Outcome
from sidecar.core.pool.events import (
    Applied,
    Apply,
    Audited,
    PoolAction,
    PoolEvent,
    Probed,
    ReloadResult,
    Served,
)
from sidecar.core.pool.params import PoolParams, ServerParams
from sidecar.core.pool.pool import Pool
from sidecar.core.pool.upstream_file import read

ONE, TWO, THREE = "10.0.0.21:8080", "10.0.0.22:8080", "10.0.0.23:8080"
EMPTY_HOST = Audited(None, Served.SILENT)


def params(*servers: str, **more: object) -> PoolParams:
    """A pool without slow start, of ONE and TWO if none is named."""
    made = tuple(
        ServerParams(host, int(port)) for host, _, port in (s.rpartition(":") for s in servers or (ONE, TWO))
    )
    return PoolParams("app", "app", made, **{"slow_start": 0.0, **more})  # type: ignore[arg-type]


def passed(address: str) -> Probed:
    """A probe that passes."""
    return Probed(address, CheckResult(Outcome.PASS, "http: 200"))


def failed(address: str, detail: str = "tcp: connection refused") -> Probed:
    """A probe that fails."""
    return Probed(address, CheckResult(Outcome.FAIL, detail))


def done(apply: Apply, result: ReloadResult = ReloadResult.LIVE, detail: str = "") -> Applied:
    """The answer to a change."""
    reloaded = result in (ReloadResult.LIVE, ReloadResult.UNPROVEN)
    return Applied(apply.generation, result, detail, reloaded)


def applies(actions: list[PoolAction]) -> list[Apply]:
    """The changes among some actions."""
    return [action for action in actions if isinstance(action, Apply)]


def serving(apply: Apply) -> set[str]:
    """Servers that get requests according to the text of a change."""
    found = read(apply.text, params())
    assert found is not None
    return set(found.in_service)


def advance(pool: Pool, events: list[PoolEvent], now: float, until: float) -> list[tuple[float, Apply]]:
    """Hear the events at `now`, then let the time pass until something is to be changed or `until`."""
    actions = pool.step(events, now)
    while not applies(actions):
        now = pool.deadline(now)
        if now > until:
            return []
        actions = pool.step([], now)
    return [(now, apply) for apply in applies(actions)]


def live(*servers: str, now: float = 0.0, **more: object) -> Pool:
    """A pool whose servers all pass and whose first generation is live."""
    pool = Pool(params(*servers, **more), now)
    events: list[PoolEvent] = [EMPTY_HOST, *(passed(address) for address in sorted(pool.addresses))]
    ((at, apply),) = advance(pool, events, now, now + 1)
    pool.step([done(apply)], at)
    return pool
