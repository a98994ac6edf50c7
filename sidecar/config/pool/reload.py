"""Which nginx loads the file of a pool."""

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.rules import Rule, rule, warning
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.container import Container
from sidecar.config.values.pool_scalars import AbsolutePath
from sidecar.config.values.scalars import Seconds, Text

_LEAST: Final = 0.1
_MOST: Final = 300.0


@rule("container", "pid_file")
def one_nginx(entry: Entry["Reload"]) -> Iterator[Finding]:
    """One nginx loads the file."""
    if not entry.model.is_one and not entry.wrong:
        message = "say which nginx loads the file; write exactly one of `container` and `pid_file`"
        yield Finding(entry.path, "pool-reload", message)


@rule("timeout")
def timeout_range(entry: Entry["Reload"]) -> Iterator[Finding]:
    """A time that can work."""
    if not _LEAST <= entry.model.timeout <= _MOST:
        yield Finding((*entry.path, "timeout"), "pool-time", "out of range; write 100ms to 5m")


@rule("test")
def tested(entry: Entry["Reload"]) -> Iterator[Finding]:
    """A configuration is tested before nginx is told."""
    if not entry.model.test:
        message = "without a test nginx alone refuses a broken configuration, and only its own log says why"
        yield warning((*entry.path, "test"), "pool-untested", message)


class Reload(StrictModel):
    """Which nginx loads the file, and how it is told: exactly one of `container` and `pid_file`."""

    rules: ClassVar[tuple[Rule[Any], ...]] = (one_nginx, timeout_range, tested)

    container: Container | None = None
    """Docker container whose first process is nginx; tested by exec, told by HUP through the engine."""
    pid_file: AbsolutePath | None = None
    """The `pid` file of an nginx whose processes the sidecar sees; told by HUP."""
    test: tuple[Text, ...] = ("nginx", "-t")
    """Program and arguments that check the whole configuration of nginx; `[]`: only nginx itself does."""
    timeout: Seconds = 5.0
    """Time for nginx to serve the new generation, and for the test, 100ms to 5m."""

    @property
    def is_one(self) -> bool:
        """Whether exactly one nginx is named."""
        return (self.container is None) is not (self.pid_file is None)

    @property
    def nginx(self) -> tuple[object, object]:
        """The value by which two nginx are told apart."""
        return self.container, self.pid_file
