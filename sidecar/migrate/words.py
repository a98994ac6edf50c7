"""A line to its words and braces. Braces end a word wherever they stand outside quotes, but for `${...}`."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from sidecar.migrate.line import Line
from sidecar.migrate.place import Place


class Mark(Enum):
    """Characters between words."""

    OPEN = "{"
    CLOSE = "}"


@dataclass(frozen=True, slots=True)
class Word:
    """A word without its quotes. `quoted`: it had some, so it is one text whatever is in it.

    `raw` is the word as it stands, with quotes and backslashes; "" if it stands in no file.
    """

    text: str
    place: Place
    quoted: bool = False
    raw: str = ""

    @property
    def plain(self) -> str:
        """The value where keepalived knows no escapes: up to the next quotation mark or space."""
        text = self.raw or self.text
        return (
            text[1:].partition('"')[0]
            if text.startswith('"')
            else (text.split() or [""])[0].partition('"')[0]
        )


def words(line: Line) -> Iterator[Word | tuple[Mark, Place]]:
    """Yield words and braces with their places."""
    index, end = 0, len(line.text)
    while index < end:
        character = line.text[index]
        if character.isspace():
            index += 1
        elif character in "{}":
            yield Mark(character), line.place(index)
            index += 1
        else:
            word, index = _word(line, index)
            yield word


def _word(line: Line, start: int) -> tuple[Word, int]:
    text, index, end = line.text, start, len(line.text)
    found: list[str] = []
    quoting = quoted = False
    while index < end:
        character = text[index]
        if character == '"':
            quoting, quoted = not quoting, True
        elif character == "\\" and index + 1 < end:
            index += 1
            found.append(text[index] if text[index] in '"\\ ' else f"\\{text[index]}")
        elif quoting:
            found.append(character)
        elif text.startswith("${", index) and "}" in text[index:]:
            close = text.index("}", index)
            found.append(text[index : close + 1])
            index = close
        elif character.isspace() or character in "{}":
            break
        else:
            found.append(character)
        index += 1
    return Word("".join(found).replace("\v", " "), line.place(start), quoted, text[start:index]), index
