"""A YAML tree to plain values, with the variables expanded and the position of every value.

Every scalar stays the text that was written, with or without quotes: `-0`, `010`, `1e3`, `yes`, `0x1f` and
dates mean what they say, and a program gets its arguments letter by letter. Numbers and switches
are known to the key alone (values/). A possible secret is text that hides itself.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sidecar.config.concealed import Concealed, conceal, is_secret
from sidecar.config.mistake import Bare, Finding, Path, Position, quoted
from sidecar.config.yaml.expand import (
    Variable,
    expand,
)
from sidecar.config.yaml.foreign import template_in
from sidecar.config.yaml.tree import (
    Items,
    Pairs,
    Scalar,
    Tree,
)

MAX_VALUES = 10_000
"""Values after aliases are followed; a few nested aliases can stand for billions."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TYPOGRAPHIC = "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a"
_UNSEEN = frozenset({"Cf", "Zl", "Zp"})
"""Categories of letters that are not drawn: joiners, marks of direction, separators."""
_FREE = frozenset({"exec", "expect", "headers"})
"""Keys below which any text may be meant."""
_ARGUMENTS = frozenset({"hooks", "test"})
"""Keys below which a template or `$(...)` may be meant, as an argument of a program."""
_SUBSTITUTION = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_]*)\)")
_MAY_BE_EMPTY: frozenset[Path] = frozenset({("node",)})


@dataclass(slots=True)
class Document:
    """Plain values and where they stand. `broken`: paths that `data` lacks because of a finding."""

    data: object = None
    keys: dict[Path, Position] = field(default_factory=dict)
    values: dict[Path, Position] = field(default_factory=dict)
    broken: set[Path] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    variables: list[tuple[Path, Variable]] = field(default_factory=list)
    """Values that come from the environment, or would if the variable were set."""
    secrets: frozenset[int] = frozenset()
    """Identities of the scalars below `auth`: what is one there is one at each of its aliases."""

    def locate(self, path: Path, *, at_key: bool = False) -> Position:
        """Where a value (or its key) stands; a path that is not there counts as its nearest parent."""
        if not at_key and path in self.values:
            return self.values[path]
        while path:
            place = self.keys.get(path) or self.values.get(path)
            if place:
                return place
            path = path[:-1]
        return Position(1, 1)


class _TooManyValuesError(Exception):
    """Aliases stand for more values than a configuration can need."""


class _Broken:
    """Marks a value that cannot be used."""


_BROKEN = _Broken()


def read_document(tree: Tree, environ: Mapping[str, str]) -> Document:
    """The values of a tree. Never raises; what is wrong is in `findings`."""
    document = Document(secrets=frozenset(map(id, _below_auth(tree))))
    try:
        data = _value(tree, (), document, environ)
    except _TooManyValuesError:
        message = f"the file stands for more than {MAX_VALUES} values; do not nest aliases"
        return Document(findings=[Finding((), "too-large", message)], broken={()})
    document.data = None if isinstance(data, _Broken) else data
    return document


def _below_auth(tree: Tree) -> Iterator[Scalar]:
    """Each scalar value below an `auth`, once: aliases may stand for billions."""
    waiting = list(_at(tree, "virtual_routers", None, "auth"))
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Scalar):
            yield node
        else:
            waiting += node.items if isinstance(node, Items) else (item for _, item in node.pairs)


def _at(tree: Tree, *keys: str | None) -> Iterator[Tree]:
    """The value at a path of keys; None is any key."""
    if not keys:
        yield tree
    elif isinstance(tree, Pairs):
        for key, item in tree.pairs:
            if keys[0] in (None, key.text):
                yield from _at(item, *keys[1:])


def _value(tree: Tree, path: Path, document: Document, environ: Mapping[str, str]) -> object:
    if len(document.values) >= MAX_VALUES:
        raise _TooManyValuesError
    document.values[path] = tree.at
    if isinstance(tree, Scalar):
        value = _scalar(tree, path, document, environ)
    elif isinstance(tree, Items):
        value = _items(tree, path, document, environ)
    else:
        value = _pairs(tree, path, document, environ)
    if isinstance(value, _Broken):
        document.broken.add(path)
    return value


def _items(tree: Items, path: Path, document: Document, environ: Mapping[str, str]) -> object:
    values = [_value(item, (*path, index), document, environ) for index, item in enumerate(tree.items)]
    return _BROKEN if any(isinstance(value, _Broken) for value in values) else values


def _pairs(tree: Pairs, path: Path, document: Document, environ: Mapping[str, str]) -> dict[str, object]:
    mapping: dict[str, object] = {}
    for key, item in tree.pairs:
        where = conceal((*path, key.text))
        document.keys[where] = key.at
        if not path and key.text.startswith("x-"):
            continue  # Only what refers to it by an alias is part of the file.
        template = template_in(key.text)
        if template is not None and _FREE.isdisjoint(path):
            document.findings.append(_unrendered(where, template, at_key=True))
            document.broken.add(where)
            continue
        value = _value(item, where, document, environ)
        if not isinstance(value, _Broken):
            mapping[key.text] = value
    return mapping


def _scalar(tree: Scalar, path: Path, document: Document, environ: Mapping[str, str]) -> object:
    secret = is_secret(path) or id(tree) in document.secrets
    expanded = expand(Concealed(tree.text) if secret else tree.text, environ)
    if expanded.problems:
        document.findings.extend(Finding(path, "variable", problem) for problem in expanded.problems)
        return _BROKEN
    document.variables += ((path, variable) for variable in expanded.variables)
    text = expanded.text
    if not secret and (alien := _alien(tree.text, text, path)):
        document.findings.append(alien)
        return _BROKEN
    if not secret and not _is_utf8(text):
        # Nobody could print it, and no other process could be told; a password is bytes anyway.
        message = "this holds something that is no UTF-8, in the file or in a variable; write it in UTF-8"
        document.findings.append(Finding(path, "encoding", message))
        return _BROKEN
    if secret and not (tree.plain and text in _NULLS):
        return Concealed(text)
    if not tree.plain or (path in _MAY_BE_EMPTY and text in _NULLS):
        return text
    if text in _NULLS:
        where = "it" if tree.text in _NULLS or secret else f"{tree.text[:40]} expands to nothing: it"
        message = f"{where} has no value; write one, or remove the key"
        document.findings.append(Finding(path, "empty-value", message))
        return _BROKEN
    return Bare(text)


def _alien(written: str, text: str, path: Path) -> Finding | None:
    """A text that is no value: a template that was not rendered, or quotes that word processors make.

    `written` is the text before its variables are expanded.
    """
    if not _FREE.isdisjoint(path):
        return None
    if _ARGUMENTS.isdisjoint(path) and (left := _left_over(written, text, path)):
        return left
    if text.isascii():
        return None
    unseen = next(
        (letter for letter in text if unicodedata.category(letter) in _UNSEEN or letter == "\u00a0"), ""
    )
    if unseen:
        message = f"{quoted(text)} holds U+{ord(unseen):04X}, which nobody sees; remove it"
        return Finding(path, "unseen-character", message)
    inside = text.strip(_TYPOGRAPHIC)
    if inside != text:
        message = (
            f"{quoted(text)} has typographic quotes, which YAML reads as letters; write {straight(inside)}"
        )
        return Finding(path, "typographic-quotes", message)
    return None


def _left_over(written: str, text: str, path: Path) -> Finding | None:
    """What a template or a Makefile has left: `{{ name }}`, `@NAME@`, `$(NAME)`. `$$(NAME)` was meant."""
    template = template_in(text)
    if template is not None:
        return _unrendered(path, template)
    substitution = _SUBSTITUTION.search(written.replace("$$", ""))
    if substitution is None:
        return None
    message = f"{quoted(substitution[0])} is not expanded; write ${{{substitution[1][:40]}}}"
    return Finding(path, "template", message)


def _unrendered(path: Path, template: str, *, at_key: bool = False) -> Finding:
    message = f"{quoted(template)} is a template that was not rendered; render it, or write the value"
    return Finding(path, "template", message, at_key=at_key)


def straight(text: str) -> str:
    """A text in quotes that YAML knows."""
    return f"'{text}'" if '"' in text else f'"{text}"'


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
