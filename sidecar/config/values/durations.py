"""How durations are spelled in the file, and what was meant by a text that is nearly one."""

import re
from typing import Final

from sidecar.config.mistake import quoted
from sidecar.config.values.spelling import legible, wrong

_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h)")
_NATURAL: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_PART: Final = re.compile(
    r"(?P<number>[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9}) ?"
    r"(?P<unit>millis(?:econds?)?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d) ?",
)
_UNITS: Final = {"mil": "ms", "ms": "ms", "m": "m", "s": "s", "h": "h", "d": "d"}
"""Beginnings of words for units, the longer ones first, and how units are written."""
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def seconds(value: object) -> float:
    """`10ms`, `1s`, `1.5s`, `2m`, `1h` as seconds."""
    if isinstance(value, float):
        return value
    text = legible(value)
    if _NATURAL.fullmatch(text):
        raise wrong("duration", f"{quoted(value)} has no unit; write {value}s or {value}ms")
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        mend = _nearest(text) or "a number and ms, s, m or h, such as 500ms or 1.5s"
        raise wrong("duration", f"{quoted(value)} is no duration; write {mend}")
    number = float(match[1])
    # a division keeps 70ms at the float next to 0.07; multiplying by 0.001 does not
    return number / 1000 if match[2] == "ms" else number * _SECONDS[match[2]]


def _nearest(text: str) -> str:
    """The duration that a text was meant to be: `1m30s`, `PT5M`, `1,5 s`, `2 Minutes`, `.5s`, `1d`."""
    text = re.sub(r"(?<=[0-9]),(?=[0-9])", ".", text.strip().lower()).removeprefix("pt")
    parts = list(_PART.finditer(text))
    if not parts or "".join(part[0] for part in parts) != text:
        return ""
    units = [next(unit for word, unit in _UNITS.items() if part["unit"].startswith(word)) for part in parts]
    numbers = [re.sub(r"^(?=\.)", "0", part["number"]).rstrip(".") for part in parts]
    if len(parts) == 1 and units[0] != "d":
        return f"{numbers[0]}{units[0]}"
    total = sum(float(number) * _SECONDS[unit] for number, unit in zip(numbers, units, strict=True))
    return f"{total / 3600:g}h" if total and total % 3600 == 0 else f"{total:g}s"
