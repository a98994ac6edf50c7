"""Variables from a file, as compose reads `.env`: NAME=value lines, comments, quotes, `${NAME}` in values."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sidecar.config.mistake import ConfigError, Mistake
from sidecar.config.yaml.read import read_text

_SKIPPED: Final = re.compile(r"[ \t\v\f\r]*(?:#.*)?")
_NAME: Final = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*(?P<sign>=[ \t]*)?")
_QUOTED: Final = re.compile(r"""'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)\"""", re.DOTALL)
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_MEANING: Final = {"n": "\n", "r": "\r", "t": "\t"}
_REFERENCE: Final = re.compile(
    r"(?P<escaped>\\?)\$(?:(?P<dollar>\$)|\{(?P<name>[A-Za-z_]\w*)(?::?-(?P<default>[^}]*))?\}|(?P<bare>[A-Za-z_]\w*))"
)


def read_env_file(path: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the variables of a file. No message shows a value: it may be a secret.

    A value may refer to a variable of a line above, or of `environ`.

    Raises:
        ConfigError: the file cannot be read, or lines of it are no variables; it carries all of them.

    """
    reader = _Reader(read_text(path, "--env-file"), dict(environ or {}))
    mistakes = [
        Mistake(str(path), line, 1, "env-file", f"{what}, or remove the line") for line, what in reader.read()
    ]
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return reader.variables


@dataclass(slots=True)
class _Reader:
    """Goes through the text once. A value in quotes may go on over several lines."""

    text: str
    environ: dict[str, str]
    variables: dict[str, str] = field(default_factory=dict)

    def read(self) -> Iterator[tuple[int, str]]:
        """Read the variables, and yield the number of each wrong line with what is wrong."""
        at = 0
        while at < len(self.text):
            end = self._end_of_line(at)
            if not _SKIPPED.fullmatch(self.text, at, end):
                number = self.text.count("\n", 0, at) + 1
                end, wrong = self._statement(at, end)
                if wrong:
                    yield number, wrong
            at = end + 1

    def _end_of_line(self, at: int) -> int:
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end

    def _statement(self, at: int, end: int) -> tuple[int, str]:
        """Read one variable. Return where its last line ends, and what is wrong with it."""
        match = _NAME.match(self.text, at, end)
        if match is None or match["sign"] is None:
            colon = match is not None and self.text[match.end() : match.end() + 1] == ":"
            return end, f"this is no line like NAME=value; write {'`=` for the colon' if colon else 'it so'}"
        begin = match.end()
        if self.text[begin : begin + 1] not in ("'", '"'):
            value = _COMMENT.sub("", self.text[begin:end]).strip()
            return end, self._take(match["name"], value)
        quoted = _QUOTED.match(self.text, begin)
        if quoted is None:
            return end, "a quote has no end; close it"
        last = self._end_of_line(quoted.end())
        if not _SKIPPED.fullmatch(self.text, quoted.end(), last):
            # the quote of a later line was taken for the end of this one
            return end, "a quote has no end on this line, or something stands behind it; close it"
        if quoted["single"] is not None:
            self.variables[match["name"]] = quoted["single"]
            return last, ""
        return last, self._take(match["name"], quoted["double"], escapes=True)

    def _take(self, name: str, value: str, *, escapes: bool = False) -> str:
        """Keep a value with its references replaced. Return what is wrong with it."""
        known, missing = self.environ | self.variables, False

        def replacement(match: re.Match[str]) -> str:
            nonlocal missing
            if match["escaped"]:
                return match[0]
            if match["dollar"]:
                return "$"
            found = known.get(match["name"] or match["bare"])
            missing = missing or (found is None and match["default"] is None)
            return found or match["default"] or ""

        value = _REFERENCE.sub(replacement, value)
        if escapes:
            value = _ESCAPE.sub(lambda found: _MEANING.get(found[1], found[1]), value)
        if missing:
            return "a $ with a name is a variable here, and none of that name is set; write the text in '...'"
        self.variables[name] = value
        return ""
