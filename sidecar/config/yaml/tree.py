"""YAML text to a tree of positions and texts. No scalar is given a type here.

The tree is built from PyYAML's event stream because its own composer recurses without a limit and
accepts duplicate keys and self-reference. No message repeats what it found: it could be a secret.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import yaml

from sidecar.config.mistake import ConfigError, Mistake, Position
from sidecar.config.other_files import is_other_file
from sidecar.config.yaml.foreign import refuse_foreign, refuse_lookalikes, refuse_other, template_in
from sidecar.config.yaml.syntax import NO_TAGS, position, syntax_error

MAX_NODES = 10_000
"""Keys and values of one file; 255 virtual routers of ten keys need half of it."""

MAX_DEPTH = 20
"""Levels of nesting; the deepest key of the schema is at 5."""

_TOO_LARGE = f"more than {MAX_NODES} keys and values; remove what is not needed"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. `plain`: written without quotes."""

    text: str
    plain: bool
    at: Position


@dataclass(frozen=True, slots=True)
class Items:
    """A YAML sequence."""

    items: tuple["Tree", ...]
    at: Position


@dataclass(frozen=True, slots=True)
class Pairs:
    """A YAML mapping; the keys are unique."""

    pairs: tuple[tuple[Scalar, "Tree"], ...]
    at: Position


Tree = Scalar | Items | Pairs


def parse_tree(text: str, file: str) -> tuple[Tree, tuple[Mistake, ...]]:
    """The only document in `text`, and the duplicate keys in it, whose first value is kept.

    Raises:
        ConfigError: the text is no YAML, or YAML that no configuration needs (tags, several documents).

    """
    refuse_foreign(text, file)
    refuse_lookalikes(text, file)
    composer = _Composer(text, file)
    try:
        tree = composer.document()
    except yaml.MarkedYAMLError as error:
        refuse_other(text, file)
        raise syntax_error(error, text, file) from None
    except yaml.reader.ReaderError as error:
        at = _position_of(text, error.position)
        message = f"character U+{error.character:04X} is not allowed in YAML; remove it"
        raise ConfigError((Mistake(file, at.line, at.column, "syntax", message),)) from None
    except (ValueError, OverflowError):
        # PyYAML converts escapes and %YAML directives without looking at their size
        message = "an escape or a directive in this file holds a number out of range; correct it"
        raise ConfigError((Mistake(file, 1, 1, "syntax", message),)) from None
    if not isinstance(tree, Pairs):
        refuse_other(text, file)
    return tree, tuple(composer.mistakes)


def _is_other_file(tree: Tree) -> bool:
    return isinstance(tree, Pairs) and is_other_file([key.text for key, _ in tree.pairs])


class _Composer:
    """One pass over the events of a text."""

    def __init__(self, text: str, file: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.SafeLoader)
        self._file = file
        self._lines = text.splitlines()
        self._anchors: dict[str, Tree] = {}
        self._nodes = 0
        self.mistakes: list[Mistake] = []

    def document(self) -> Tree:
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            self._refuse(Position(1, 1), "empty", "the file is empty; it needs at least `virtual_routers:`")
        tree = self._node(next(self._events), 0)
        next(self._events)
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent) and not _is_other_file(tree):
            self._refuse(
                _start(following), "syntax", "a second document starts here; remove `---` or what follows"
            )
        return tree

    def _node(self, event: yaml.Event, depth: int) -> Tree:
        at = _start(event)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._refuse(at, "too-large", _TOO_LARGE)
        if depth > MAX_DEPTH:
            self._refuse(at, "syntax", f"nested deeper than {MAX_DEPTH} levels; no key is that deep")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                self._refuse(
                    at,
                    "syntax",
                    "this alias has no complete anchor before it; quote a text that begins with *",
                )
            return self._anchors[event.anchor]
        if getattr(event, "tag", None) is not None:
            self._refuse(at, "syntax", NO_TAGS)
        tree = self._content(event, at, depth)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = tree
        return tree

    def _content(self, event: yaml.Event, at: Position, depth: int) -> Tree:
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, event.style is None, at)
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(tuple(self._items(depth + 1)), at)
        return Pairs(tuple(self._pairs(depth + 1)), at)

    def _items(self, depth: int) -> Iterator[Tree]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth)

    def _pairs(self, depth: int) -> Iterator[tuple[Scalar, Tree]]:
        first: dict[str, Position] = {}
        merged: list[tuple[Scalar, Tree]] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            at = _start(event)
            key = self._node(event, depth)
            if not isinstance(key, Scalar):
                self._refuse(at, "syntax", self._no_key(at))
            value = self._node(next(self._events), depth)
            if key.plain and key.text == "<<":
                merged += self._merged(value, at)
                continue
            if key.text in first:
                self._duplicate(at, first[key.text])
                continue
            first[key.text] = at
            yield Scalar(key.text, key.plain, at), value
        # A key of the mapping itself counts, then that of the first one that is merged.
        for key, value in merged:
            if key.text not in first:
                first[key.text] = key.at
                yield key, value

    def _merged(self, value: Tree, at: Position) -> list[tuple[Scalar, Tree]]:
        """The keys of `<<: *name` and of `<<: [*name, *other]`. Each counts as if it were written here."""
        parts = value.items if isinstance(value, Items) else (value,)
        pairs = [pair for part in parts if isinstance(part, Pairs) for pair in part.pairs]
        if not all(isinstance(part, Pairs) for part in parts):
            self._refuse(at, "syntax", "`<<` takes in the keys of mappings; write `<<: *name` of a mapping")
        self._nodes += len(pairs)
        if self._nodes > MAX_NODES:
            self._refuse(at, "too-large", _TOO_LARGE)
        return pairs

    def _no_key(self, at: Position) -> str:
        line = self._lines[at.line - 1]
        if template_in(line[max(0, at.column - 2) :]):
            return "this is a template that was not rendered; render it, or write the value"
        return "a key must be a plain word; in [] and {} a value like ${NAME} needs quotes"

    def _duplicate(self, at: Position, first: Position) -> None:
        message = f"this key is already on line {first.line}, column {first.column}; remove one of the two"
        self.mistakes.append(Mistake(self._file, at.line, at.column, "duplicate-key", message))

    def _refuse(self, at: Position, code: str, message: str) -> NoReturn:
        raise ConfigError((*self.mistakes, Mistake(self._file, at.line, at.column, code, message)))


def _start(event: yaml.Event) -> Position:
    return position(event.start_mark)


def _position_of(text: str, offset: int) -> Position:
    before = text[:offset]
    return Position(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)
