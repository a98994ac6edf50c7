"""Loading libraries without what they load for parts of them that are not used here.

OpenSSL, and the HTTP server and client of the standard library, would be a quarter of its memory.
Code that needs one of these modules later, such as a check that speaks TLS, imports it as always.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Final

from sidecar import lazy_inspect

_OF_METRICS: Final = (
    *("http.server", "socketserver", "ssl", "wsgiref.simple_server"),  # to serve them, which we do
    *("urllib.error", "urllib.request"),  # to push them
    *("gzip", "inspect"),  # to compress them, to measure functions
)
_OF_THE_LOG: Final = ("uuid", "pickle")


class _Unused(ModuleType):
    """Stands for a module while a library is loaded that only derives classes from those of it."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (Exception,), {})


def load() -> None:
    """Load asyncio, and the libraries of metrics and log."""
    # structlog would load rich, wherever it is installed, for a way to print errors that is not used here.
    sys.modules["rich"] = None  # type: ignore[assignment]  # the import system's word for "not there"
    with _instead({"ssl": None}):
        # It does without where there is no OpenSSL; checks/http/openssl.py gives it back.
        import asyncio  # noqa: F401, PLC0415
    with _instead({name: _Unused(name) for name in _OF_METRICS}), suppress(Exception):
        # A version that needs more of them than names fails here, and is loaded whole where it is used.
        import prometheus_client  # noqa: F401, PLC0415
    with _instead({name: _Unused(name) for name in _OF_THE_LOG}), suppress(Exception):
        import structlog  # noqa: F401, PLC0415


@contextmanager
def _instead(modules: dict[str, ModuleType | None]) -> Iterator[None]:
    """Have these in place of the real ones, as far as those are not loaded, in the block."""
    absent = [name for name in modules if name not in sys.modules or lazy_inspect.waits(name)]
    before = {name: sys.modules.pop(name) for name in absent if name in sys.modules}
    sys.modules.update({name: modules[name] for name in absent})  # type: ignore[misc]  # as above
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
        sys.modules.update(before)
