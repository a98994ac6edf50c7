"""Text to lines without comments, with continued lines joined. Remains of templates are refused.

As in keepalived, `!` and `#` begin a comment anywhere outside quotes, also inside a word and behind a
backslash, which keepalived takes away in a copy of the file before it reads that. A quoted text ends on its
line unless that ends with a backslash.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sidecar.migrate.line import JOINT, Line
from sidecar.migrate.place import Place, refused

_TEMPLATE = re.compile(r"\{\{|\{%|<%")
_TYPOGRAPHIC = re.compile("[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]")
_COMMENT = "#!"


@dataclass(slots=True)
class Gathered:
    """The lines of one text, and the places of comments that cut a word."""

    lines: list[Line] = field(default_factory=list)
    cut_words: list[Place] = field(default_factory=list)


def logical_lines(text: str, file: str) -> Gathered:
    """Return the lines of a file.

    Raises:
        ConfigError: a quoted text has no end, or a template was not rendered.

    """
    found = Gathered()
    for line, cut in _joined(text, file):
        found.lines.append(line)
        if cut is not None:
            found.cut_words.append(cut)
    return found


def _joined(text: str, file: str) -> Iterator[tuple[Line, Place | None]]:
    characters: list[str] = []
    spots: list[tuple[int, int]] = []
    quote: tuple[int, int] | None = None
    for number, raw in enumerate(text.split("\n"), 1):
        scanned = _scan(raw.rstrip("\r"), number, quote)
        characters += scanned.characters
        spots += scanned.spots
        quote = scanned.quote
        if scanned.continued:
            characters.append(JOINT)
            spots.append((number, len(raw)))
            continue
        line = Line(file, "".join(characters), tuple(spots))
        if quote is not None:
            message = "this quoted text has no end on its line; close it with a quotation mark"
            raise refused(Place(file, *quote), "quote", message)
        if line.text.strip():
            _refuse_templates(line)
            cut = None if scanned.cut is None else Place(file, number, scanned.cut)
            yield line, cut
        characters, spots = [], []
    line = Line(file, "".join(characters), tuple(spots))
    if quote is not None:
        raise refused(Place(file, *quote), "quote", "this quoted text has no end; close it")
    if line.text.strip():
        yield line, None


@dataclass(slots=True)
class _Scanned:
    characters: list[str] = field(default_factory=list)
    spots: list[tuple[int, int]] = field(default_factory=list)
    quote: tuple[int, int] | None = None
    continued: bool = False
    cut: int | None = None


def _scan(raw: str, number: int, quote: tuple[int, int] | None) -> _Scanned:
    """Return what one physical line says; `quote` is where an open quotation began."""
    found = _Scanned(quote=quote)
    index, end = 0, len(raw)
    while index < end:
        character, step = raw[index], 1
        if character == "\\":
            if not raw[index + 1 :].strip():
                found.continued = True
                return found
            step = 2
            if raw[index + 1] in _COMMENT and not found.quote:
                found.cut = index + 1
                return found
        elif character == '"':
            found.quote = None if found.quote else (number, index + 1)
        elif character in _COMMENT and not found.quote:
            if index and not raw[index - 1].isspace() and raw[index - 1] not in "{}":
                found.cut = index + 1
            return found
        for at in range(index, index + step):
            found.characters.append(raw[at])
            found.spots.append((number, at + 1))
        index += step
    return found


def _refuse_templates(line: Line) -> None:
    match = _TEMPLATE.search(line.text)
    # `docker ps --format '{{.Names}}'` has Docker's own templates
    if match and "docker" not in line.text:
        message = f"{match[0]} is left of a template; import the file that it was rendered to"
        raise refused(line.place(match.start()), "template", message)
    match = _TYPOGRAPHIC.search(line.text)
    if match:
        message = f'{match[0]} is a typographic quotation mark, which keepalived takes for a letter; write "'
        raise refused(line.place(match.start()), "quote", message)
