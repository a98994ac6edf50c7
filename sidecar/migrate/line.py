"""One line of a configuration whose characters know where they stood, whatever was replaced in it."""

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

    def __add__(self, other: "Line") -> "Line":
        return Line(self.file, self.text + other.text, self.spots + other.spots)

    def place(self, index: int) -> Place:
        """Where a character stood; for the end of the line, its last character."""
        if not self.spots:
            return Place(self.file, 1, 1)
        line, column = self.spots[min(index, len(self.spots) - 1)]
        return Place(self.file, line, column)

    def with_text(self, text: str) -> "Line":
        """Return another text in the place of the first character."""
        return Line(self.file, text, self.spots[:1] * len(text))

    def replaced(self, start: int, end: int, text: str) -> "Line":
        """Return the line with other text in the place of a part of it."""
        return self[:start] + self[start:end].with_text(text) + self[end:]

    def split(self, separator: str) -> list["Line"]:
        """Return the parts between the separators, a single character each."""
        parts, start = [], 0
        for index, character in enumerate(self.text):
            if character == separator:
                parts.append(self[start:index])
                start = index + 1
        return [*parts, self[start:]]
