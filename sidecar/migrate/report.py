"""The report, for people and as data."""

from collections.abc import Iterator
from typing import Final

from sidecar.migrate.finding import Finding, Verdict
from sidecar.migrate.result import Result
from sidecar.migrate.yaml_text import comment_text

_TITLES: Final = {
    Verdict.DECIDE: "You must decide",
    Verdict.APPROXIMATED: "Approximated",
    Verdict.DROPPED: "Dropped, and why",
    Verdict.MAPPED: "Mapped",
}
_WIDTH: Final = 44


def summary(result: Result) -> str:
    """Return the counts in one line."""
    found = result.findings
    counts = {verdict: sum(finding.verdict is verdict for finding in found) for verdict in Verdict}
    return " · ".join(f"{verdict} {count}" for verdict, count in counts.items())


def report(result: Result) -> str:
    """Return the whole report."""
    return "".join(f"{comment_text(line).rstrip()}\n" for line in _lines(result))


def _lines(result: Result) -> Iterator[str]:
    yield f"{', '.join(dict.fromkeys(host.file for host in result.hosts))}: {summary(result)}"
    if result.joined.disagreements:
        yield from ("", "Where the hosts disagree" if len(result.hosts) > 1 else "Left open")
        yield from (f"  {line}" for line in result.joined.disagreements)
    for verdict, title in _TITLES.items():
        found = [finding for finding in result.findings if finding.verdict is verdict]
        if found:
            yield from ("", title)
            yield from (f"  {_finding(finding)}" for finding in found)
    yield from ("", "Beside keepalived, while one host has moved")
    yield from (f"  {line}" for line in result.peer)
    if result.copies or result.secret_files:
        yield from ("", "Files that belong to it")
        yield from (f"  {there} -> {here}" for there, here in result.copies.items())
        yield from (f"  {path}, mode 0600: the key from the file" for path in result.secret_files)
    yield from ("", "check-config says")
    yield from (f"  {mistake}" for mistake in result.mistakes)
    if not result.errors:
        yield "  ok"


def _finding(finding: Finding) -> str:
    place = f"{finding.place.file}:{finding.place.line}"
    return f"{f'{place} {finding.said}':<{_WIDTH}} -> {finding.text}"


def data(result: Result) -> dict[str, object]:
    """Return the report as data, with the texts of all files but keys."""
    return {
        "counts": {str(v): sum(f.verdict is v for f in result.findings) for v in Verdict},
        "findings": [
            {
                "verdict": str(finding.verdict),
                "file": finding.place.file,
                "line": finding.place.line,
                "column": finding.place.column,
                "statement": finding.said,
                "text": finding.text,
            }
            for finding in result.findings
        ],
        "disagreements": result.joined.disagreements,
        "beside_keepalived": list(result.peer),
        "mistakes": [str(mistake) for mistake in result.mistakes],
        "copies": result.copies,
        "files": result.files,
    }
