"""A file with all that it includes, as statements for one host."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sidecar.migrate.files import Files
from sidecar.migrate.line import Line
from sidecar.migrate.logical_lines import logical_lines
from sidecar.migrate.macros import Macros
from sidecar.migrate.place import Place, refused
from sidecar.migrate.tree import Statement, tree
from sidecar.migrate.words import Word, words

_CONDITION = re.compile(r"\s*@(?P<not>\^?)(?P<id>\S+)\s*")
_INCLUDES = ("include", "includer", "includem", "includew", "includeb", "includea", "include_check")
_DEEPEST = 16
_MOST_FILES = 256


@dataclass(slots=True)
class Source:
    """What one host's file says, and what could not be read."""

    statements: tuple[Statement, ...] = ()
    cut_words: list[Place] = field(default_factory=list)
    missing: list[tuple[Place, str]] = field(default_factory=list)
    """Included files that are not here."""


def ids_in(text: str, file: str) -> tuple[str, ...]:
    """Return the names after `@` at the beginning of lines: hosts that share the file."""
    found: dict[str, None] = {}
    for line in logical_lines(text, file).lines:
        match = _CONDITION.match(line.text)
        if match:
            found[match["id"]] = None
    return tuple(found)


def read_source(
    text: str, file: str, files: Files, environ: Mapping[str, str], host_id: str | None = None
) -> Source:
    """Return the statements of a file as the host `host_id` reads it.

    Raises:
        ConfigError: the file is malformed.

    """
    reader = _Reader(files, environ, host_id)
    lines = list(reader.lines(text, file, ()))
    reader.source.statements = tree(lines)
    return reader.source


class _Reader:
    def __init__(self, files: Files, environ: Mapping[str, str], host_id: str | None) -> None:
        self.source = Source()
        self._files = files
        self._macros = Macros(environ)
        self._id = host_id
        self._read = 0

    def lines(self, text: str, file: str, outer: tuple[str, ...]) -> Iterator[Line]:
        """Yield the lines of a text, those of included files in their place."""
        gathered = logical_lines(text, file)
        self.source.cut_words += gathered.cut_words
        for whole in gathered.lines:
            line = self._for_this_host(whole)
            if line is None or self._macros.take(line):
                continue
            self._macros.folder = posixpath.dirname(file)
            for each in self._macros.expand(line):
                yield from self._included(each, file, outer)

    def _for_this_host(self, line: Line) -> Line | None:
        match = _CONDITION.match(line.text)
        if match is None:
            return line
        meant = (match["id"] == self._id) != bool(match["not"])
        return line[match.end() :] if meant else None

    def _included(self, line: Line, file: str, outer: tuple[str, ...]) -> Iterator[Line]:
        found = [word for word in words(line) if isinstance(word, Word)]
        if not found or found[0].text not in _INCLUDES:
            yield line
            return
        if found[0].text == "include_check":
            return
        place = found[0].place
        for word in found[1:]:
            pattern = posixpath.join(posixpath.dirname(file), word.text)
            paths = self._files.matches(pattern)
            if not paths:
                self.source.missing.append((word.place, word.text))
            for path in paths:
                yield from self._of_file(path, place, (*outer, file))

    def _of_file(self, path: str, place: Place, outer: tuple[str, ...]) -> Iterator[Line]:
        self._read += 1
        if len(outer) > _DEEPEST or path in outer or self._read > _MOST_FILES:
            raise refused(place, "include", f"{path} is included without end; remove this line")
        text = self._files.read(path)
        if text is None:
            self.source.missing.append((place, path))
            return
        yield from self.lines(text, path, outer)
