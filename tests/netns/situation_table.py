"""The table of docs/situations.md: a line for each situation and host, made by the tests that played it."""

from collections.abc import Mapping
from pathlib import Path

from tests.netns.situations import SITUATIONS, WORDS, Said

BEGIN, END = "<!-- made by `make situations`: begin -->", "<!-- made by `make situations`: end -->"
_HEAD = ("| situation | host | verdict | exit code | says |", "|---|---|---|--:|---|")


def lines(name: str, found: tuple[Said, Said]) -> list[str]:
    """The lines of a situation, host a before host b."""
    return [
        f"{_start(name, host)} {WORDS[each.code]} | {each.code} | {each.words.replace('|', chr(92) + '|')} |"
        for host, each in zip("ab", found, strict=True)
    ]


def rows(text: str) -> list[str]:
    """The lines of the table in a document, without its head."""
    inside = text[text.index(BEGIN) + len(BEGIN) : text.index(END)]
    return [line for line in inside.splitlines() if line.startswith("| ") and line not in _HEAD]


def written(text: str, found: Mapping[str, tuple[Said, Said]]) -> str:
    """The document with these situations; what was not played now stays as it is."""
    new = [line for name, each in found.items() for line in lines(name, each)]
    known = {start: line for line in (*rows(text), *new) for start in starts() if line.startswith(start)}
    table = [*_HEAD, *(known[start] for start in starts() if start in known)]
    return "\n".join([text[: text.index(BEGIN) + len(BEGIN)], *table, text[text.index(END) :]])


def starts() -> list[str]:
    """How the lines begin that the table must have, in their order."""
    return [_start(name, host) for name in SITUATIONS for host in "ab"]


def renew(file: Path, found: Mapping[str, tuple[Said, Said]]) -> None:
    """Write what was found into the document."""
    file.write_text(written(file.read_text(encoding="utf-8"), found), encoding="utf-8")


def _start(name: str, host: str) -> str:
    return f"| {name} | {host} |"
