"""Spans of time on the command line."""

import re
from typing import Final

_SPAN: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds_of(text: str) -> float:
    """Return `90s`, `30m`, `1.5h`, `2d` as seconds. Raises ValueError with a sentence."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no span of time; write a number and s, m, h or d, such as 30m")
    return float(match[1]) * _UNITS[match[2]]
