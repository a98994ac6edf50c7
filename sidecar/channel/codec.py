"""A codec made from the annotations of frozen dataclasses.

    bool · int · float · str · bytes · Enum · Literal · IPv4Address, IPv4Interface and those of IPv6
    X | None · X | Y (by class) · tuple[X, ...] · tuple[X, Y] · frozenset[X] · dataclasses of all these

Bounds come from `Annotated` (limits.py), or, for classes that know nothing of this, from a table. Nothing
else can be sent: no name, no reference and no code is ever looked up in what was received. Encodings are
canonical, so `encode(decode(data)) == data` for whatever decodes. Memory and time of decoding are bounded by
the bytes that are there, whatever they claim.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints
from typing import Union as UnionHint

from sidecar.channel import limits, parts, scalars
from sidecar.channel.malformed import Malformed
from sidecar.channel.wire_type import Source, WireType

_T = TypeVar("_T")

Marks = tuple[object, ...]
Table = Mapping[tuple[type, str], object]
"""Bounds of fields by dataclass and name, for those that are not annotated with them."""

_INTERFACES: Final = (IPv4Interface, IPv6Interface)


class Codec(Generic[_T]):
    """Values of one type as bytes and back. Building it raises TypeError for a type that it cannot do."""

    def __init__(
        self,
        hint: Any,
        table: Table | None = None,
        text: limits.Most = limits.TEXT,
        elements: limits.Most = limits.ELEMENTS,
    ) -> None:
        """Make it for a class or a union. `table` bounds what the classes leave open, the others all else."""
        self._type = _Builder(table or {}, text, elements).build(hint, ())

    def encode(self, value: _T) -> bytes:
        """Return the bytes of a value. Raise Unencodable if it is out of bounds."""
        out = bytearray()
        self._type.put(value, out)
        return bytes(out)

    def decode(self, data: bytes) -> _T:
        """Return the value. Raise Malformed, with the reason, for everything that `encode` does not give."""
        source = Source(data)
        value: _T = self._type.take(source)
        if source.left:
            raise Malformed(f"{source.left} bytes too many")
        return value


class _Builder:
    def __init__(self, table: Table, text: limits.Most, elements: limits.Most) -> None:
        self._table = table
        self._text = text
        self._elements = elements
        self._made: dict[type, WireType] = {}
        self._open: set[type] = set()

    def build(self, hint: Any, marks: Marks) -> WireType:
        """Return what encodes values of an annotation."""
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return self.build(arguments[0], (*marks, *arguments[1:]))
        if origin in (UnionHint, UnionType):
            return self._union(arguments, marks)
        if origin is Literal:
            return scalars.Choice(arguments)
        if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004
            return parts.Many(self.build(arguments[0], _without_most(marks)), _most(marks, self._elements))
        if origin is tuple:
            return parts.Together([self.build(each, marks) for each in arguments])
        if origin is frozenset:
            return parts.Unordered(
                self.build(arguments[0], _without_most(marks)), _most(marks, self._elements)
            )
        return self._class(hint, marks)

    def _class(self, hint: Any, marks: Marks) -> WireType:
        if is_dataclass(hint) and isinstance(hint, type):
            return self._record(hint)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return scalars.Choice.of(hint)
        if hint is IPv4Address:
            return scalars.Ipv4()
        if hint is IPv6Address:
            return scalars.Ipv6()
        if hint in _INTERFACES:
            return scalars.IpInterface(hint)
        return _scalar(hint, marks, self._text)

    def _union(self, arguments: Iterable[Any], marks: Marks) -> WireType:
        hints = [each for each in arguments if each is not NoneType]
        inner = self.build(hints[0], marks) if len(hints) == 1 else self._alternatives(hints, marks)
        return inner if len(hints) == len(tuple(arguments)) else parts.Optional(inner)

    def _alternatives(self, hints: Iterable[Any], marks: Marks) -> WireType:
        found: dict[type, WireType] = {}
        for hint in hints:
            kind = _class_of(hint)
            if kind in found:
                raise TypeError(f"two alternatives of one union are {kind.__name__}")
            found[kind] = self.build(hint, marks)
        return parts.Union(found)

    def _record(self, kind: type) -> WireType:
        made = self._made.get(kind)
        if made is None:
            if kind in self._open:
                raise TypeError(f"{kind.__name__} contains itself: its depth would have no bound")
            self._open.add(kind)
            hints = get_type_hints(kind, include_extras=True)
            inner = {
                each.name: self.build(hints[each.name], self._marks(kind, each.name)) for each in fields(kind)
            }
            if not all(each.init for each in fields(kind)):
                raise TypeError(f"{kind.__name__} has fields that are no arguments")
            self._open.remove(kind)
            made = self._made[kind] = parts.Record(kind, inner)
        return made

    def _marks(self, kind: type, name: str) -> Marks:
        mark = self._table.get((kind, name))
        if mark is None:
            return ()
        return mark if isinstance(mark, tuple) else (mark,)


def _scalar(hint: Any, marks: Marks, text: limits.Most) -> WireType:
    bounds = next((mark for mark in marks if isinstance(mark, limits.Range)), None)
    if hint is bool:
        return scalars.Bool()
    if hint is int:
        return scalars.Integer(bounds or limits.INTEGER)
    if hint is float:
        infinite = any(isinstance(mark, limits.Infinite) for mark in marks)
        return scalars.Float(bounds, infinite=infinite)
    cut = next((mark for mark in marks if isinstance(mark, limits.Cut)), None)
    if hint is str and cut is not None:
        return scalars.Phrase(cut)
    if hint is str:
        return scalars.Text(_most(marks, text))
    if hint is bytes:
        return scalars.Bytes(_most(marks, limits.BYTES))
    raise TypeError(f"{hint!r} cannot be sent")


def _class_of(hint: Any) -> type:
    """Return the class of the values of one alternative."""
    if get_origin(hint) is Annotated:
        return _class_of(get_args(hint)[0])
    kind = get_origin(hint) or hint
    if not isinstance(kind, type):
        raise TypeError(f"{hint!r} is no alternative that its class tells")
    return kind


def _most(marks: Marks, default: limits.Most) -> limits.Most:
    return next((mark for mark in marks if isinstance(mark, limits.Most)), default)


def _without_most(marks: Marks) -> Marks:
    """Return the marks but the first bound of a length: what is left is for the elements."""
    bound = next((mark for mark in marks if isinstance(mark, limits.Most)), None)
    return tuple(mark for mark in marks if mark is not bound)
