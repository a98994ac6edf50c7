"""One line of a configuration whose characters know where they stood, whatever was replaced in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sidecar.migrate.place import Place

JOINT = "\v"
"""Stands where a line that ends with a backslash was joined to the next one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A text, the line and column of each of its characters, and the file that it stands in."""

    file: str
    text: str
    spots: tuple[tuple[int, int], ...]

    def __getitem__(self, part: slice) -> "Line":
        return Line(self.file, self.text[part], self.spots[part])

    def place(self, index: int) -> Place:
        """Where a character stood; for the end of the line, its last character."""
        if not self.spots:
            return Place(self.file, 1, 1)
        line, column = self.spots[min(index, len(self.spots) - 1)]
        return Place(self.file, line, column)

    def text_at(self, index: int, text: str) -> "Line":
        """Return another text that stands where a character of this line stood."""
        return Line(self.file, text, self.spots[index : index + 1] * len(text))

    def split(self, separator: str) -> list["Line"]:
        """Return the parts between the separators, a single character each."""
        parts, start = [], 0
        for index, character in enumerate(self.text):
            if character == separator:
                parts.append(self[start:index])
                start = index + 1
        return [*parts, self[start:]]


def joined(parts: Sequence[Line]) -> Line:
    """Return one line of several parts, at least one."""
    spots = tuple(spot for part in parts for spot in part.spots)
    return Line(parts[0].file, "".join(part.text for part in parts), spots)
