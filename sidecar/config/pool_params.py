"""A pool of the configuration as the core wants it."""

from sidecar.config.endpoints import Endpoint
from sidecar.config.model import MIN_MAX_AGE
from sidecar.config.pool_model import Pool
from sidecar.core.pool_params import PoolParams, ServerParams, at


def pool_params(name: str, pool: Pool) -> PoolParams:
    """All that the decision about a pool needs."""
    check = pool.check
    return PoolParams(
        name=name,
        upstream=pool.upstream,
        servers=tuple(ServerParams(s.address.host, s.address.port, s.weight) for s in pool.servers),
        rise=check.rise,
        fall=check.fall,
        max_age=max(MIN_MAX_AGE, 3 * check.interval + check.deadline),
        slow_start=pool.slow_start,
        sorry=None if pool.sorry is None else _written(pool.sorry),
        token=_written(pool.token),
        options=pool.options,
        server_options=pool.server_options,
        reload_every=pool.reload_every,
    )


def _written(endpoint: Endpoint) -> str:
    return at(endpoint.host, endpoint.port)
