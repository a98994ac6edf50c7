"""Our configuration as it is being made: entries of dotted keys, each value with the places it comes from."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sidecar.migrate.place import Place

Scalar = str | int | bool
Plain = Scalar | tuple["Plain", ...] | dict[str, "Plain"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that comes from the environment because hosts differ in it. `hint` says what it is."""

    name: str
    hint: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A value, where it comes from, and what is to be said about it."""

    value: Plain | Variable
    origins: tuple[Place, ...] = ()
    note: str = ""


@dataclass(slots=True)
class Entry:
    """A virtual router, a check or a pool. Keys are paths such as `unicast.source`."""

    origins: tuple[Place, ...]
    values: dict[str, Value] = field(default_factory=dict)
    remarks: list[tuple[Place, str]] = field(default_factory=list)
    """Comments below the entry, with their lines: what a person may want to add."""

    def plain(self, key: str, otherwise: Plain = "") -> Plain:
        """Return the value of a key; the other one if it is absent or comes from the environment."""
        value = self.values[key].value if key in self.values else otherwise
        return otherwise if isinstance(value, Variable) else value

    def put(self, key: str, value: Plain, *origins: Place, note: str = "") -> None:
        """Set a key."""
        self.values[key] = Value(value, origins, note)


@dataclass(slots=True)
class Entries:
    """The whole configuration, by section and name."""

    node: Value | None = None
    routers: dict[str, Entry] = field(default_factory=dict)
    sync_groups: dict[str, Value] = field(default_factory=dict)
    checks: dict[str, Entry] = field(default_factory=dict)
    pools: dict[str, Entry] = field(default_factory=dict)


_LONGEST = 32


def label(text: str, taken: Iterable[str], otherwise: str) -> str:
    """Return a name as our configuration takes it, near to the given one and not taken yet."""
    near = re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")[:_LONGEST] or otherwise
    taken = set(taken)
    if near not in taken:
        return near
    count = 2
    while f"{near[: _LONGEST - 4]}-{count}" in taken:
        count += 1
    return f"{near[: _LONGEST - 4]}-{count}"
