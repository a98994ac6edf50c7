"""The results as text of 80 columns, and as JSON. Pure."""

from collections.abc import Iterator
from typing import Any, Final

from sidecar.doctor.examination import Result, worst
from sidecar.doctor.problem import Problem, Severity
from sidecar.telemetry.plain_words import printable, wrapped

_WIDTH: Final = 80
_INDENT: Final = " " * 4
_PAGE: Final = "docs/doctor.md"
_RED, _GREEN, _YELLOW, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"
_WORDS: Final = {None: "ok", Severity.WARNING: "look", Severity.FAULT: "FAULT"}
_COLOURS: Final = {"ok": _GREEN, "look": _YELLOW, "FAULT": _RED, "unseen": _YELLOW}


def render(results: tuple[Result, ...], seconds: float, *, colors: bool) -> str:
    """Return the text, with its last newline. `seconds`: how long the examination took."""
    lines = list(_lines(results, seconds))
    text = "\n".join(lines) + "\n"
    if not colors:
        for code in (_RED, _GREEN, _YELLOW, _PLAIN):
            text = text.replace(code, "")
    return text


def document(results: tuple[Result, ...], seconds: float) -> dict[str, Any]:
    """Return the same as data for JSON."""
    severity = worst(results)
    return {
        "verdict": "ok" if severity is None else severity.value,
        "seconds": round(seconds, 1),
        "checks": [
            {
                "name": result.check.name,
                "problems": [_data(problem) for problem in result.problems],
                "unseen": list(result.unseen),
            }
            for result in results
        ],
    }


def _data(problem: Problem) -> dict[str, str | None]:
    return {
        "router": problem.router or None,
        "severity": problem.severity.value,
        "what": problem.what,
        "evidence": problem.evidence,
        "why": problem.why,
        "mend": problem.mend,
    }


def _lines(results: tuple[Result, ...], seconds: float) -> Iterator[str]:
    for result in results:
        word = _WORDS[worst((result,))]
        if word == "ok" and result.unseen:
            word = "unseen"
        yield f"{_COLOURS[word]}{word:<7}{_PLAIN}{result.check.name:<15}{_headline(result, word)}".rstrip()
        for problem in result.problems:
            yield from _problem(problem)
        for why in result.unseen:
            yield from _wrapped(f"not seen: {why}", _INDENT, _INDENT)
    found = sum(len(result.problems) for result in results)
    unseen = sum(bool(result.unseen) for result in results)
    said = "nothing found" if not found else f"{found} {'problem' if found == 1 else 'problems'}"
    rest = f", {unseen} of {len(results)} checks could not see everything" if unseen else ""
    yield ""
    yield f"{said}{rest}, in {seconds:.1f} s" + (f"; see {_PAGE}" if found else "")


def _headline(result: Result, word: str) -> str:
    return {"ok": result.check.healthy, "unseen": "could not be looked at, or not wholly"}.get(word, "")


def _problem(problem: Problem) -> Iterator[str]:
    about = f"{problem.router}: " if problem.router else ""
    yield from _wrapped(f"{about}{problem.what}", _INDENT, f"{_INDENT}  ")
    for label, text in (("seen", problem.evidence), ("why", problem.why)):
        yield from _wrapped(text, f"{_INDENT}  {label:<6}", " " * 12)
    # A command is not broken into lines: it is to be copied.
    yield f"{_INDENT}  mend  {printable(problem.mend)}"


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    return wrapped(printable(text), _WIDTH, first, rest)
