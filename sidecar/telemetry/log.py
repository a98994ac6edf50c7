"""The log: structlog for our own lines, the same format for libraries that use `logging`."""

import logging
import os
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from sidecar.plan.services import Log, LogFormat, LogLevel
from sidecar.telemetry import logfmt
from sidecar.telemetry.log_writer import LogWriter

_LEVELS: Final = {
    LogLevel.DEBUG: logging.DEBUG,
    LogLevel.INFO: logging.INFO,
    LogLevel.WARNING: logging.WARNING,
    LogLevel.ERROR: logging.ERROR,
}

_HEAD: Final = ("timestamp", "level", "event", "node")


class LogOutput:
    """A logger, and the writer behind it. `close` ends both."""

    def __init__(self, settings: Log, node: str, fd: int = 1) -> None:
        self._fd = fd
        self._node = node
        self._rendering = _renderer(settings.format, fd)
        self._writer = LogWriter(fd, self._dropped_line)
        self.logger: FilteringBoundLogger = structlog.wrap_logger(
            _Sink(self._writer),
            processors=[_admission(self._writer), self._add_node, *_shared(), self._render],
            wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.level]),
            cache_logger_on_first_use=True,
        ).bind()
        self._handler = _LibraryHandler(self._writer.put)
        self._handler.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=[structlog.stdlib.add_logger_name, self._add_node, *_shared()],
                processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, self._render],
            )
        )
        logging.getLogger().addHandler(self._handler)

    def exchange(self, settings: Log, node: str) -> None:
        """Write so from now on, whoever has the logger already. No line is lost."""
        self._node, self._rendering = node, _renderer(settings.format, self._fd)
        # One class for each level, in which what is below it does nothing: that costs less than a filter.
        self.logger.__class__ = structlog.make_filtering_bound_logger(_LEVELS[settings.level])

    @property
    def dropped(self) -> int:
        """Lines dropped because nobody read the output."""
        return self._writer.dropped

    def close(self, deadline: float = 0.2) -> None:
        """Write what is queued, for at most `deadline` seconds, and detach from `logging`."""
        logging.getLogger().removeHandler(self._handler)
        self._writer.close(deadline)

    def _add_node(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        event["node"] = self._node
        return event

    def _render(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> Any:
        line: Any = event
        for processor in self._rendering:
            line = processor(logger, method, line)
        return line

    def _dropped_line(self, count: int) -> str:
        event: Any = {
            "event": "log_dropped",
            "level": "warning",
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "node": self._node,
            "detail": f"{count} lines dropped: nobody read the log",
            "count": count,
        }
        return str(self._render(None, "warning", event))


class _Sink:
    """The end of structlog's chain: every level is a line."""

    def __init__(self, writer: LogWriter) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = self.exception = writer.put


class _LibraryHandler(logging.Handler):
    """Takes what docker, urllib3, pyroute2 and asyncio say at warning and above."""

    def __init__(self, put: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._put = put

    def emit(self, record: logging.LogRecord) -> None:
        """Queue one record."""
        try:
            self._put(self.format(record))
        except Exception:  # noqa: BLE001 - a library's broken record must not break the library's caller
            self._put(f"unprintable log record from {record.name}")


def _shared() -> list[Processor]:
    return [
        structlog.processors.add_log_level,
        _stamp,
        structlog.processors.format_exc_info,
    ]


def _stamp(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say when it happened: now, or `moment` (Unix seconds) where it is told later."""
    moment = event.pop("moment", None)
    when = datetime.now(UTC) if moment is None else datetime.fromtimestamp(moment, UTC)
    event["timestamp"] = when.isoformat().replace("+00:00", "Z")
    return event


def _admission(writer: LogWriter) -> Processor:
    def admit(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        # A line that nobody will read is not worth rendering: trouble comes with floods of them.
        if not writer.admit():
            raise structlog.DropEvent
        return event

    return admit


def _renderer(style: LogFormat, fd: int) -> list[Processor]:
    """Return the processors that make a line; AUTO is for people on a terminal and JSON elsewhere."""
    terminal = os.isatty(fd)
    if style is LogFormat.CONSOLE or (style is LogFormat.AUTO and terminal):
        colors = terminal and not os.environ.get("NO_COLOR")
        # Named, because the default depends on which other packages are installed.
        traceback = structlog.dev.plain_traceback
        return [
            structlog.dev.ConsoleRenderer(colors=colors, repr_native_str=True, exception_formatter=traceback)
        ]
    if style is LogFormat.LOGFMT:
        severity = logfmt.journal_reads(fd)
        return [_head_first, lambda *line: logfmt.line(line[2], severity=severity)]
    return [_head_first, structlog.processors.JSONRenderer(default=str)]


def _head_first(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put what every line has where the eye looks for it."""
    return {key: event[key] for key in _HEAD if key in event} | dict(event)
