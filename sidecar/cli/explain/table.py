"""The explanation as text of 80 columns. Pure."""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.cli.table_text import BOLD, PLAIN, STATE_COLOURS, WIDTH, YELLOW, uncoloured
from sidecar.telemetry.explain.document import Check, Explanation, Router, WhatIf
from sidecar.telemetry.plain_words import excerpt, printable, wrapped

_LABEL: Final = 10
_LONGEST: Final = 400
"""Letters of one sentence that are shown."""
_CHECKS: Final = 6
"""Checks with a line each. Of more, those that are up and steady are counted."""
_SPANS: Final = {"silence": "silence", "resignation": "resigned", "lease": "killed", "wait": "waits"}
_TOGETHER: Final = re.compile(
    r"(?<=\d) (?=(?:ms|s|m|h|d|UTC|x)\b|[-/])|(?<= [-/x]) (?=\d)|(?<=\d [mhd]) (?=\d+ [smh]\b)"
)
_SPACE: Final = "\u2007"
"""A space as wide as a digit, at which no line is broken."""


def render(explanation: Explanation, *, colors: bool) -> str:
    """Return the text, with its last newline."""
    text = "\n".join(_lines(explanation)) + "\n"
    return text if colors else uncoloured(text)


def _lines(explanation: Explanation) -> Iterator[str]:
    if explanation["old"] is not None:
        yield from _lines_of("", f"! {explanation['old']}", YELLOW)
    for number, router in enumerate(explanation["virtual_routers"]):
        if number:
            yield ""
        yield from _router(router)
    for number, supposed in enumerate(explanation["what_if"]):
        if number:
            yield ""
        yield from _what_if(supposed)


def _what_if(supposed: WhatIf) -> Iterator[str]:
    """Yield what would follow, and what the router would be after that."""
    then = supposed["then"]
    yield from _lines_of(
        "", f"if {' and '.join(supposed['supposed'])}: {supposed['sentence']}. Nothing was changed."
    )
    for move in supposed["moves"]:
        yield from _lines_of("move", move["sentence"])
    yield from _lines_of("then", then["because"]["sentence"])
    yield from _lines_of("fit", then["fit"]["sentence"])
    yield from _lines_of("priority", then["priority"]["sentence"])
    yield from _lines_of("next", then["next"]["sentence"])
    for span in then["spans"]:
        yield from _lines_of(_SPANS[span["name"]], span["sentence"])
    for other in then["others"]:
        yield from _lines_of("other", other["sentence"])


def _router(router: Router) -> Iterator[str]:
    state, colour = router["state"], STATE_COLOURS.get(router["state"], BOLD)
    first, *more = _lines_of("", router["sentence"])
    yield first.replace(f" {state} ", f" {colour}{state}{PLAIN} ", 1)
    yield from more
    yield from _lines_of("because", router["because"]["sentence"])
    if router["changed"]["sentence"] != router["because"]["sentence"]:
        yield from _lines_of("changed", router["changed"]["sentence"])
    yield from _lines_of("fit", router["fit"]["sentence"])
    yield from _checks(router["fit"]["checks"])
    yield from _lines_of("priority", router["priority"]["sentence"])
    yield from _lines_of("next", router["next"]["sentence"])
    for span in router["spans"]:
        yield from _lines_of(_SPANS[span["name"]], span["sentence"])
    for other in router["others"]:
        yield from _lines_of("other", other["sentence"])
    if not router["others"] and state == "MASTER":
        yield from _lines_of("other", "a standby says nothing in VRRP; `nodes:` in the file shows it here")
    for command in router["commands"]:
        yield f"  {'see':<{_LABEL}}{printable(command['command'])}  # {command['purpose']}"


def _checks(checks: list[Check]) -> Iterator[str]:
    notable = [each for each in checks if not each["up"] or each["streak"]]
    shown = checks if len(checks) <= _CHECKS else notable
    for check in shown:
        yield from _lines_of("check", f"{check['name']}: {check['sentence']}")
    if left := len(checks) - len(shown):
        yield from _lines_of("check", f"{left} more are up")


def _lines_of(label: str, text: str, colour: str = "") -> Iterator[str]:
    """Yield the lines of a sentence below each other. No line ends between a number and its unit."""
    indent = f"  {label:<{_LABEL}}" if label else ""
    whole = _TOGETHER.sub(_SPACE, excerpt(printable(text), _LONGEST))
    for line in wrapped(whole, WIDTH - len(indent)):
        yield f"{indent}{colour}{line.replace(_SPACE, ' ')}{PLAIN if colour else ''}"
        indent = " " * len(indent)
