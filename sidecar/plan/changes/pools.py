"""Changes of pools, which are known by their names."""

from collections.abc import Iterable, Iterator

from sidecar.core.pool.params import PoolParams, ServerParams
from sidecar.plan.changes.change import NOBODY, Change, added, removed
from sidecar.plan.changes.checks import expect_rules
from sidecar.plan.changes.rule import differences, each, elsewhere, nested, table, value
from sidecar.plan.changes.shown import program, seconds, target
from sidecar.plan.pool import Pool, PoolCheck, Reload

_ANEW = "all servers are probed anew; until there are verdicts nginx keeps those that it has"
_RELOADS = f"nginx is reloaded once with the new file; {_ANEW}"


def pool_changes(old: Iterable[Pool], new: Iterable[Pool]) -> Iterator[Change]:
    """Yield what changes about the pools."""
    before, after = {pool.name: pool for pool in old}, {pool.name: pool for pool in new}
    for name, pool in before.items():
        if name not in after:
            effect = (
                f"the file {pool.file} stays as it is: nginx goes on with the servers in it, and nobody "
                "takes out one that fails; its series end"
            )
            yield removed(f"pools.{name}", effect, f"upstream {pool.params.upstream}")
    for name, pool in after.items():
        if name not in before:
            effect = f"{pool.file} is written, and nginx is reloaded if it must change"
            yield added(f"pools.{name}", effect, f"upstream {pool.params.upstream}")
        elif before[name] != pool:
            yield from differences(f"pools.{name}", before[name], pool)


def _server(of: ServerParams) -> str:
    return of.name if of.weight == 1 else f"{of.name} weight {of.weight}"


table(
    Pool,
    params=nested("", "", ""),
    check=nested("check", "", ""),
    file=value("file", f"the old file stays as it is; nginx must include the new one; {_ANEW}"),
    reload=nested("reload", "", ""),
)
table(
    PoolParams,
    name=elsewhere,
    upstream=value("upstream", _RELOADS),
    servers=each(
        "servers",
        f"it gets requests as soon as it has passed; {_ANEW}",
        f"it gets no new requests, and nginx ends those that it has; {_ANEW}",
        _server,
        order=_RELOADS,
    ),
    rise=value("check.rise", _ANEW),
    fall=value("check.fall", _ANEW),
    max_age=elsewhere,  # it follows from the pace of the check
    slow_start=value("slow_start", _ANEW, seconds),
    sorry=value("sorry", _RELOADS),
    token=value("token", _RELOADS),
    options=value("options", _RELOADS),
    server_options=value("server_options", _RELOADS),
    reload_every=value("reload_every", _ANEW, seconds),
)
table(
    PoolCheck,
    icmp=value("icmp", _ANEW),
    tcp=value("tcp", _ANEW),
    http=value("http", _ANEW, target),
    tls=value("scheme: https", _ANEW),
    port=value("port", _ANEW),
    **expect_rules(),
    every=value("every", _ANEW, seconds),
    timeout=value("timeout", _ANEW, seconds),
)
table(
    Reload,
    container=value("container", f"the next reload goes to it; {_ANEW}"),
    pid_file=value("pid_file", f"the next reload goes there; {_ANEW}"),
    test=value("test", f"it counts from the next reload; {NOBODY}", program),
    timeout=value("timeout", f"it counts from the next reload; {NOBODY}", seconds),
)
