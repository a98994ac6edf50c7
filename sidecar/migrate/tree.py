"""Lines to statements: a keyword, its values, and the block that may follow."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sidecar.migrate.line import Line
from sidecar.migrate.place import Place, refused
from sidecar.migrate.words import Mark, Word, words

MAX_DEPTH = 20
"""Levels of blocks; keepalived's own words need six."""
_OUTERMOST = frozenset(
    [
        "global_defs",
        "vrrp_instance",
        "vrrp_script",
        "vrrp_sync_group",
        "vrrp_track_file",
        "vrrp_track_process",
        "virtual_server",
        "virtual_server_group",
    ]
)
"""Words of blocks that are in no other block."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A line of the configuration; `block` is None where no braces follow."""

    words: tuple[Word, ...]
    block: tuple["Statement", ...] | None = None

    @property
    def keyword(self) -> str:
        """The first word."""
        return self.words[0].text

    @property
    def place(self) -> Place:
        """Where the first word stands."""
        return self.words[0].place

    @property
    def values(self) -> tuple[Word, ...]:
        """The words after the first one."""
        return self.words[1:]

    @property
    def body(self) -> tuple["Statement", ...]:
        """The statements of the block; none without a block."""
        return self.block or ()


@dataclass(slots=True)
class _Level:
    """A block that is open, or the file. `pending` are the words of the statement that is being read.

    `begun` is the column of its keyword, `indented` whether a line in it stands further right than that.
    """

    opened: Place | None = None
    begun: int = 0
    indented: bool = False
    statements: list[Statement] = field(default_factory=list)
    pending: list[Word] = field(default_factory=list)

    def end_statement(self) -> None:
        if self.pending:
            self.statements.append(Statement(tuple(self.pending)))
            self.pending = []


def tree(lines: Iterable[Line]) -> tuple[Statement, ...]:
    """Return the statements of a file.

    Raises:
        ConfigError: braces do not match, or a block has no keyword before it.

    """
    levels = [_Level()]
    unclosed: Place | None = None
    for line in lines:
        for number, word in enumerate(words(line)):
            if number == 0:
                unclosed = unclosed or _unclosed(levels[-1], word)
            if isinstance(word, Word):
                levels[-1].pending.append(word)
            elif word[0] is Mark.OPEN:
                _open(levels, word[1])
            else:
                _close(levels, word[1])
        levels[-1].end_statement()
    if levels[-1].opened is not None:
        where = unclosed or levels[-1].opened
        also = ", here or in a block inside" if unclosed is None else ""
        message = f"this block has no end; the brace that closes it is missing{also}"
        raise refused(where, "brace", message)
    return tuple(levels[0].statements)


def _unclosed(level: _Level, first: Word | tuple[Mark, Place]) -> Place | None:
    """Return where the block was opened if its end seems to be missing before this line.

    Then a line stands as far left as its keyword although others did not, or its brace further left, or a
    block follows that is in no other one.
    """
    if level.opened is None:
        return None
    if not isinstance(first, Word):
        mark, place = first
        return level.opened if mark is Mark.CLOSE and place.column < level.begun else None
    level.indented |= first.place.column > level.begun
    if (level.indented and first.place.column <= level.begun) or first.text in _OUTERMOST:
        return level.opened
    return None


def _open(levels: list[_Level], place: Place) -> None:
    level = levels[-1]
    if not level.pending:
        # The brace may stand on the line after its keyword.
        if not level.statements or level.statements[-1].block is not None:
            raise refused(place, "brace", "this brace opens a block that has no name; remove it")
        level.pending = list(level.statements.pop().words)
    if len(levels) > MAX_DEPTH:
        raise refused(place, "brace", f"more than {MAX_DEPTH} blocks inside each other; close some")
    levels.append(_Level(place, begun=level.pending[0].place.column))


def _close(levels: list[_Level], place: Place) -> None:
    level = levels[-1]
    if level.opened is None:
        raise refused(place, "brace", "this brace closes nothing; remove it, or add the one that opens")
    level.end_statement()
    levels.pop()
    outer = levels[-1]
    outer.statements.append(Statement(tuple(outer.pending), tuple(level.statements)))
    outer.pending = []
