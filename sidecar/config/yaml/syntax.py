"""What is wrong with a text that is no YAML: the place where a person would look, and how to mend it.

PyYAML stops where it can read no further, which is often behind the mistake. No message repeats a value: it
could be a secret.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import yaml

from sidecar.config.mistake import ConfigError, Mistake, Position
from sidecar.config.yaml.foreign import template_in

NO_TAGS: Final = "tags are not supported; remove it, or quote a text that begins with !"

_UNRENDERED: Final = "this is a template that was not rendered; render it, or write the value"
_KEY: Final = re.compile(r" *(?:- +)?([A-Za-z_][A-Za-z0-9_-]{0,40}):(?: |$)")
_GLUED: Final = re.compile(r" *(?:- +)?([A-Za-z_][A-Za-z0-9_-]{0,40})(:|=)[^\s/]")
_OPENED: Final = re.compile(r"""(?:^|[:\-] +|[\[{,] *)(?P<quote>["'])""")
_SLASHES: Final = re.compile(r"\s*//")
_WIDE: Final = re.compile("[\uff0c\uff1a\uff1b\uff3b\uff3d\uff5b\uff5d\u3010\u3011\u3001]")
_INDENTED: Final = ("found '<block mapping start>'", "found '-'", "found '<block sequence start>'")

_Found = tuple[Position, str]
"""A place, and what is wrong there and how to mend it."""


class _Mark(Protocol):
    line: int
    column: int


def position(mark: _Mark | None) -> Position:
    """The place of a mark of PyYAML, counted from 1."""
    return Position(1, 1) if mark is None else Position(mark.line + 1, mark.column + 1)


def syntax_error(error: yaml.MarkedYAMLError, text: str, file: str) -> ConfigError:
    """Return the error about a text that PyYAML could not read."""
    failure = _Failure(
        error.problem or "",
        error.context or "",
        position(error.problem_mark),
        position(error.context_mark),
        text.splitlines(),
    )
    place, how = next(_causes(failure))
    return ConfigError((Mistake(file, place.line, place.column, "syntax", how),))


@dataclass(frozen=True, slots=True)
class _Failure:
    """What PyYAML says: where it stopped, and where the thing begins that it was reading."""

    problem: str
    context: str
    at: Position
    begin: Position
    lines: list[str]

    @property
    def line(self) -> str:
        """The line on which it stopped."""
        return self.text(self.at.line)

    def text(self, number: int) -> str:
        """A line by its number, which counts from 1; "" behind the last one."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""


def _causes(failure: _Failure) -> Iterator[_Found]:
    """What may be wrong, the most certain first. The last one is always there."""
    yield from _letters(failure)
    yield from _quotes(failure)
    if "flow" in failure.context:
        yield _in_brackets(failure)
    yield from _structure(failure)
    yield (
        failure.at,
        f"no YAML ({failure.problem}); check indentation, colons, quotes and brackets here and just above",
    )


def _letters(failure: _Failure) -> Iterator[_Found]:
    """What is seen on the line itself."""
    at, line = failure.at, failure.line
    if "\t" in line[: at.column]:
        yield at, "a tab stands here, and YAML indents with spaces only; replace it by spaces"
    if template_in(line):
        yield at, _UNRENDERED
    if "tag handle" in failure.problem:
        yield at, NO_TAGS
    if "${" in line and ("[" in line or "{" in line.replace("${", "")):
        yield at, f'no YAML ({failure.problem}); inside [] and {{}} quote the variable: "${{NAME}}"'
    for number in (at.line, at.line - 1):
        if _SLASHES.match(failure.text(number)):
            column = failure.text(number).index("//") + 1
            yield Position(number, column), "a comment begins with # and not with //"
    wide = _WIDE.search(line)
    if wide:
        what = f"{wide[0]} is a full-width character; write {_narrow(wide[0])}"
        yield Position(at.line, wide.start() + 1), what


def _quotes(failure: _Failure) -> Iterator[_Found]:
    """Quotes that have no end, and texts that need some."""
    at, problem = failure.at, failure.problem
    if "quoted scalar" in failure.context and "end of stream" in problem:
        yield failure.begin, _OPEN_QUOTE
    quote = _open_quote(failure.lines, at.line)
    if quote:
        yield quote, _OPEN_QUOTE
    if "escape character" in problem:
        yield at, r"in double quotes a \ begins an escape; write this text in single quotes"
    if "cannot start any token" in problem and template_in(failure.line[at.column - 1 :]):
        yield at, _UNRENDERED
    if "cannot start any token" in problem:
        yield at, f"a value cannot begin with {failure.line[at.column - 1 : at.column]}; put it in quotes"
    if failure.context.startswith(("while scanning an alias", "while scanning an anchor")):
        yield failure.begin, "a text that begins with * or & needs quotes"


def _structure(failure: _Failure) -> Iterator[_Found]:
    """Colons and indentation."""
    at, problem = failure.at, failure.problem
    if "simple key" in failure.context:
        yield failure.begin, _no_key(failure.text(failure.begin.line))
    if "mapping values" in problem:
        yield from _second_colon(failure)
    if "mapping values" in problem or any(each in problem for each in _INDENTED):
        yield from ((at, how) for how in _uneven(failure.lines, at.line))
    if "found '}'" in problem or "found ']'" in problem:
        yield at, "a bracket closes here that was not opened; remove it"
    if "found '<scalar>'" in problem:
        yield at, "something stands here behind a value that has ended; remove it, or quote the whole value"


def _narrow(letter: str) -> str:
    return {"\u3010": "[", "\u3011": "]", "\u3001": ","}.get(letter) or unicodedata.normalize("NFKC", letter)


_OPEN_QUOTE: Final = "the quote that opens here has no end on this line; close it"


def _open_quote(lines: list[str], number: int) -> Position | None:
    """A quote before a value, at or above a line (the first one is 1), that has no end on its line."""
    for index, line in enumerate(lines[:number]):
        for opened in _OPENED.finditer(re.sub(r"(?:^|\s)#.*", "", line)):
            quote, rest = opened["quote"], line[opened.end() :]
            if line[: opened.start()].count(quote) % 2 == 0 and quote not in rest:
                return Position(index + 1, opened.end())
    return None


def _in_brackets(failure: _Failure) -> _Found:
    """Something in [ ] or { } that is no entry, or a bracket that has no end."""
    begin, first = failure.begin, failure.text(failure.begin.line)[failure.begin.column - 1 :]
    opens = first[:1]
    closes = {"[": "]", "{": "}"}.get(opens)
    rest = "\n".join([first, *failure.lines[begin.line :]])
    ends = failure.at.line > begin.line or "<stream end>" in failure.problem
    if closes and ends and rest.count(opens) > rest.count(closes):
        return begin, f"the {opens} that opens here has no {closes}; add it"
    return failure.at, (
        "entries in [ ] and { } have commas between them, and a text needs quotes that has a comma, colon or "
        "bracket in it; correct it"
    )


def _no_key(line: str) -> str:
    """A line between lines of keys that is none."""
    glued = _GLUED.match(line)
    if glued and glued[2] == ":":
        return f"the colon of `{glued[1]}` has no space behind it; write `{glued[1]}: ...`"
    if glued:
        return f"YAML has a colon and not `=` behind a key; write `{glued[1]}: ...`"
    if re.match(r" *-[^ -]", line):
        return "the dash of a list has no space behind it; write `- ...`"
    return "this line has no colon; write `key: value`, or quote a text that goes on over several lines"


def _second_colon(failure: _Failure) -> Iterator[_Found]:
    """A colon in a value, or a line above that is indented as a key and has none."""
    at, line, lines = failure.at, failure.line, failure.lines
    if re.search(r":\s", line[: at.column - 1]):
        yield at, "a second colon with a space stands in this line; put the value in quotes"
    number = next((n for n in range(at.line - 1, 0, -1) if lines[n - 1].strip()), 0)
    above = lines[number - 1] if number else ""
    if above and not _KEY.match(above) and (_GLUED.match(above) or not re.search(r"[:\[\]{}|>\"']", above)):
        place = Position(number, _indent(above) + 1)
        if _indent(above) < _indent(line):
            yield place, "this line has no colon; write `name:`, as lines are indented below it"
        yield place, _no_key(above)


def _uneven(lines: list[str], number: int) -> Iterator[str]:
    """A key that is indented by a space too few or too many; `number` counts from 1."""
    line = lines[number - 1] if number <= len(lines) else ""
    above = next((each for each in reversed(lines[: number - 1]) if each.strip()), "")
    ours, theirs = _indent(line), _indent(above)
    key, dashes = _KEY.match(line), all(each.lstrip().startswith("- ") for each in (line, above))
    if (not dashes and (key is None or _KEY.match(above) is None)) or ours == theirs:
        return
    if ours not in {_indent(each) for each in lines[: number - 1] if each.strip()}:
        what = f"`{key[1]}`" if key and not dashes else "the dash"
        yield f"{what} is indented by {ours} and the line above by {theirs}; give them the same indentation"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
