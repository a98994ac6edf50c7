"""The file that nginx includes: one upstream, and a tiny server that says which generation is live.

Names are never written, only addresses: nginx refuses to load a file with a name that does not resolve.
A server that is out stays in the file as `down`, which keeps the mapping of `ip_hash` and `hash`, and
keeps the upstream from being empty, which nginx refuses too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sidecar.core.pool.params import PoolParams
from sidecar.core.pool.upstream import Upstream, UpstreamServer

NOBODY: Final = "127.0.0.1:1"
"""Stands in an upstream that has no server at all."""
_MARK = re.compile(r"^# pool (\S+) generation (\d{1,18}) digest ([0-9a-f]{12})$", re.MULTILINE)
_SERVER = re.compile(r"^    server ([^\s;]+)([^;#\n]*);", re.MULTILINE)
_NOTE = 80


@dataclass(frozen=True, slots=True)
class Found:
    """The facts that a file of ours states about itself."""

    generation: int
    digest: str
    in_service: frozenset[str]


def digest(params: PoolParams, lineup: Upstream) -> str:
    """Return twelve hex digits that are the same for all files with the same meaning."""
    import hashlib  # noqa: PLC0415 - loaded with the first pool (params.py)

    body = "\n".join(_body(params, lineup, notes=False, token=""))
    return hashlib.sha256(body.encode()).hexdigest()[:12]


def token(params: PoolParams, generation: int, mark: str) -> str:
    """Return what nginx serves while a generation is live. It is never served by another one."""
    return f"{params.name} {generation} {mark};"


def server_name(params: PoolParams) -> str:
    """Return the host name under which nginx serves the token of this pool.

    Short: a name of 47 letters would not fit into the 64 bytes of server_names_hash_bucket_size.
    """
    return f"{params.name.lower()}.pool"


def render(params: PoolParams, lineup: Upstream, generation: int) -> str:
    """Return the text of the file."""
    mark = digest(params, lineup)
    head = (
        "# Written by vip-sidecar, and written anew with every change: edit its configuration instead.",
        f"# pool {params.name} generation {generation} digest {mark}",
    )
    body = _body(params, lineup, notes=True, token=token(params, generation, mark))
    return "\n".join((*head, *body, ""))


def read(text: str, params: PoolParams) -> Found | None:
    """Return what a file says about itself, or None if it is not one of this pool."""
    mark = _MARK.search(text)
    if mark is None or mark[1] != params.name:
        return None
    servers = _SERVER.finditer(text)
    return Found(int(mark[2]), mark[3], frozenset(s[1] for s in servers if "down" not in s[2].split()))


def _body(params: PoolParams, lineup: Upstream, *, notes: bool, token: str) -> Iterator[str]:
    yield f"upstream {params.upstream} {{"
    for option in params.options:
        yield f"    {option};"
    if lineup.sorry:
        # Beside servers that are down it is not alone for nginx: one failure would take it from everybody.
        yield f"    server {lineup.sorry} max_fails=0;"
    for place in lineup.places:
        yield _server(place, params.server_options, notes=notes)
    if not lineup.places and not lineup.sorry:
        yield f"    server {NOBODY} down;"
    yield "}"
    yield "server {"
    yield f"    listen {params.token};"
    yield f"    server_name {server_name(params)};"
    yield "    access_log off;"
    yield "    default_type text/plain;"
    yield f'    return 200 "{token}\\n";'
    yield "}"


def _server(place: UpstreamServer, options: tuple[str, ...], *, notes: bool) -> str:
    words = ["server", place.address]
    if place.weight != 1:
        words.append(f"weight={place.weight}")
    words += options
    if not place.serves:
        words.append("down")
    line = f"    {' '.join(words)};"
    return f"{line} # {_printable(place.note)}" if notes and place.note else line


def _printable(note: str) -> str:
    # A line break would end the comment, and the rest of the note would be configuration.
    return "".join(letter if letter.isprintable() else "?" for letter in note)[:_NOTE]
