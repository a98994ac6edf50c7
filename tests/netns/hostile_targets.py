"""Everything a check can be confronted with, at once: `python -m tests.netns.hostile_targets FOLDER`.

Serves on fixed ports of 127.0.0.1 until it is killed. FOLDER gets the certificates.
"""

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.unit.checks.hostile import (
    BIG,
    OK,
    certify,
    floods,
    hangs,
    resets,
    says,
    then_hangs,
    trickles,
    udp_server,
    vanishes,
)
from tests.unit.checks.stage import Handler

_TARGETS: Final[Mapping[int, Handler]] = {
    7001: hangs,
    7002: trickles(OK, b"A: b\r\n"),
    7003: trickles(OK + b"\r\n", b"x"),
    7004: vanishes,
    7005: resets,
    7006: says(OK + b"\r\nSorry"),
    7007: floods(OK + BIG, b"x" * 65536),
    7008: floods(OK, b"A: b\r\n" * 1000),
    7009: floods(b"", b"HTTP/1.1 100 C\r\n\r\n" * 100),
    7010: then_hangs(OK),
    7011: says(OK + b"\r\n" + b"a" * 60 + b"!"),
}
_TLS: Final = 7012
_DNS: Final = 7013
_CLOSED: Final = 7014
_PACE: Final = {"every": "200ms", "timeout": "150ms"}
_EXPECT: Final[Mapping[int, Mapping[str, str]]] = {
    7006: {"body": "Welcome"},
    7007: {"regex": "Welcome$"},
    7011: {"regex": "^(a+)+$"},
}


def checks() -> dict[str, Any]:
    """One check for each target. All of them fail."""
    made: dict[str, Any] = {
        f"http-{port}": {
            "http": f"http://127.0.0.1:{port}/",
            **_PACE,
            **({"expect": _EXPECT[port]} if port in _EXPECT else {}),
        }
        for port in (*_TARGETS, _CLOSED)
    }
    made["tls-hangs"] = {"http": "https://127.0.0.1:7001/", **_PACE}
    made["tls-expired"] = {"http": f"https://127.0.0.1:{_TLS}/", **_PACE}
    made["name"] = {"http": "http://no-such-name.invalid/", **_PACE}
    made["nginx-slow"] = {"nginx": "http://127.0.0.1:7003/", "workers": 4, **_PACE}
    made["nginx-big"] = {"nginx": "http://127.0.0.1:7007/", "workers": 4, **_PACE}
    made["dns"] = {"dns": {"server": f"127.0.0.1:{_DNS}", "name": "web.example"}, **_PACE}
    made["ping"] = {"icmp": "10.77.0.99", "count": 3, **_PACE}
    return made


def programs() -> dict[str, Any]:
    """Checks that run programs which are no better. All of them fail."""
    argvs = {
        "hangs": ["/bin/sh", "-c", "sleep 9 & sleep 9"],
        "floods": ["/usr/bin/yes"],
        "forks": ["/bin/sh", "-c", "i=0; while [ $$i -lt 200 ]; do sleep 9 & i=$((i+1)); done; sleep 9"],
        "absent": ["/bin/sh", "-c", "exec /nonexistent"],
    }
    pace = {"every": "1s", "timeout": "300ms"}
    return {f"exec-{name}": {"exec": argv, **pace} for name, argv in argvs.items()}


async def main(folder: str) -> None:
    """Serve for ever."""
    with udp_server(lambda _: [], _DNS):
        running = [await asyncio.start_server(_guarded(h), "127.0.0.1", p) for p, h in _TARGETS.items()]
        _, context = certify(Path(folder), "localhost", -1)
        running.append(await asyncio.start_server(_guarded(says(OK)), "127.0.0.1", _TLS, ssl=context))
        print("ready", flush=True)
        await asyncio.gather(*(each.serve_forever() for each in running))


def _guarded(handler: Handler) -> Handler:
    # The loop refers to its tasks weakly, and nobody else to one that waits for nothing.
    kept: set[asyncio.Task[None] | None] = set()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        kept.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await handler(reader, writer)
        writer.transport.abort()
        kept.discard(task)

    return guarded


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
