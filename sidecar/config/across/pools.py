"""Pools beside each other: two of them must not write one file or make one upstream."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding, quoted
from sidecar.config.pool.pool import Pool
from sidecar.config.pool.reload import Reload
from sidecar.plan.endpoints import Endpoint


@dataclass(frozen=True, slots=True)
class _Claim:
    """Something that only one pool can have, or only the pools of one nginx. `key` is where it stands."""

    key: str
    what: object
    mend: str


def pools_apart(pools: Mapping[str, Entry[Pool]]) -> Iterator[Finding]:
    """Two pools must not write one file, make one upstream, or prove themselves under one name."""
    owners: dict[tuple[str, object], str] = {}
    nginxes: dict[Endpoint, Reload] = {}
    for name, entry in pools.items():
        for claim in _claims(name, entry):
            other = owners.setdefault((claim.key, claim.what), name)
            if other != name:
                message = f"pool {quoted(other)} has the same; {claim.mend}"
                path = entry.path if claim.key == "name" else (*entry.path, claim.key)
                yield Finding(path, "pool-twice", message, at_key=claim.key == "name")
        if entry.wrong.isdisjoint({"token", "reload"}) and entry.model.reload.is_one:
            first = nginxes.setdefault(entry.model.token, entry.model.reload)
            if first.nginx != entry.model.reload.nginx:
                message = (
                    "two nginx cannot listen on one port; give the pools of each nginx a port of their own"
                )
                yield Finding((*entry.path, "token"), "pool-token", message)


def _claims(name: str, entry: Entry[Pool]) -> Iterator[_Claim]:
    yield _Claim("name", name.lower(), "names that differ in capitals alone cannot be told apart; rename one")
    if "file" not in entry.wrong:
        yield _Claim("file", entry.model.file, "give each pool a file of its own")
    if entry.wrong.isdisjoint({"upstream", "reload"}):
        upstream = entry.model.upstream, entry.model.reload.nginx
        yield _Claim("upstream", upstream, "nginx refuses two upstreams of one name; rename one")
