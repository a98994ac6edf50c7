"""One line of the log as `key=value` pairs, for journald and for people with grep."""

import json
import os
import re
from collections.abc import Mapping
from typing import Any, Final

_BARE: Final = re.compile(r'[^\s"=\\]+')
_SEVERITY: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""The numbers of syslog (RFC 5424 section 6.2.1), which journald reads before a line (sd-daemon(3))."""


def line(event: Mapping[str, Any], *, severity: bool) -> str:
    """Return the pairs in the order of `event`, without those that are None. One line, whatever is in it.

    `severity`: with the level as journald reads it, `<4>`; it keeps it as PRIORITY and shows it no more.
    """
    text = " ".join(f"{key}={_value(value)}" for key, value in event.items() if value is not None)
    return f"<{_SEVERITY.get(str(event.get('level')), 6)}>{text}" if severity else text


def journal_reads(fd: int) -> bool:
    """Whether journald reads what is written to this descriptor: it names it in the environment."""
    try:
        status = os.fstat(fd)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        value = ",".join(map(str, value))
    elif isinstance(value, dict):
        value = json.dumps(value, default=str)
    text = str(value)
    if text.isprintable() and _BARE.fullmatch(text):
        return text
    # As JSON has it: quotes, backslashes and whatever moves a cursor or turns the direction are escaped.
    return json.dumps(text, ensure_ascii=not text.isprintable())
