"""A pool of the configuration as plain data."""

from sidecar.config.expect import Expect as ExpectModel
from sidecar.config.plain import plain_headers, plain_path, plain_status
from sidecar.config.pool.check import PoolCheck
from sidecar.config.pool.pool import NO_PASSIVE_CHECKS, Pool
from sidecar.config.pool.reload import Reload
from sidecar.core.pool.params import PoolParams, ServerParams, at
from sidecar.plan import pool as plan
from sidecar.plan.endpoints import Endpoint
from sidecar.plan.request import Expect, Method


def pool_plan(name: str, pool: Pool) -> plan.Pool:
    """Return all that keeping a pool needs."""
    return plan.Pool(
        params=pool_params(name, pool),
        check=check_of_pool(pool.check),
        file=str(pool.file),
        reload=_reload(pool.reload),
    )


def pool_params(name: str, pool: Pool) -> PoolParams:
    """Return all that the decisions about a pool need."""
    check = pool.check
    return PoolParams(
        name=name,
        upstream=pool.upstream,
        servers=tuple(ServerParams(s.address.host, s.address.port, s.weight) for s in pool.servers),
        rise=check.rise,
        fall=check.fall,
        max_age=check.lifetime,
        slow_start=pool.slow_start,
        sorry=None if pool.sorry is None else _written(pool.sorry),
        token=_written(pool.token),
        options=pool.options,
        server_options=_server_options(pool.server_options),
        reload_every=pool.reload_every,
    )


def _server_options(options: tuple[str, ...]) -> tuple[str, ...]:
    """Return the parameters of every server. Passive checks, nginx's default, are for who asks for them."""
    passive = any(word.startswith("max_fails=") for word in options)
    return options if passive else (NO_PASSIVE_CHECKS, *options)


def check_of_pool(check: PoolCheck) -> plan.PoolCheck:
    """Return how each server is probed."""
    return plan.PoolCheck(
        icmp=check.icmp,
        tcp=check.tcp,
        http=check.http,
        tls=check.scheme == "https",
        port=check.port,
        method=Method(check.method),
        host=check.host,
        headers=plain_headers(check.headers),
        verify=check.verify,
        sni=check.sni,
        ca=plain_path(check.ca),
        expect=_expect(check.expect),
        every=check.interval,
        timeout=check.deadline,
    )


def _expect(expect: ExpectModel) -> Expect:
    return Expect(status=plain_status(expect.status), body=expect.body)


def _reload(reload: Reload) -> plan.Reload:
    return plan.Reload(reload.container, plain_path(reload.pid_file), reload.test, reload.timeout)


def _written(endpoint: Endpoint) -> str:
    return at(endpoint.host, endpoint.port)
