"""Differences between hosts, as variables: names in the configuration, values in `.env`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.migrate.entries import Entry, Plain, Value, Variable

PER_HOST: Final = frozenset(
    {"priority", "interface", "source", "unicast.source", "preempt", "preempt_delay", "startup_delay"}
)
"""Keys of a router that may differ between its hosts. Any other difference is a mistake of the pair."""
_HINTS: Final = {
    "priority": "the highest serves",
    "interface": "interface that carries the VIPs",
    "unicast.source": "this host's own address",
    "source": "this host's own address",
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A variable that is to be: where its value goes, and what each host puts in."""

    entry: Entry
    name: str
    key: str
    values: tuple[Plain, ...]


@dataclass(slots=True)
class Variables:
    """Collects them, and names them when all are known."""

    _wanted: list[_Wanted] = field(default_factory=list)

    def want(self, entry: Entry, name: str, key: str, values: tuple[Plain, ...]) -> None:
        """Remember that a key of an entry has these values, one for each host."""
        self._wanted.append(_Wanted(entry, name, key, values))

    def assign(self, hosts: Sequence[str], environments: Mapping[str, dict[str, str]]) -> None:
        """Name each after its key, and after its router too where routers differ. Put the values in place."""
        given: dict[str, tuple[Plain, ...]] = {}
        for word in dict.fromkeys(_word(wanted.key) for wanted in self._wanted):
            some = [wanted for wanted in self._wanted if _word(wanted.key) == word]
            alone = some[0].key in PER_HOST and len({wanted.values for wanted in some}) == 1
            for wanted in some:
                name = _free(_variable(word if alone else f"{word}_{wanted.name}"), wanted.values, given)
                given[name] = wanted.values
                hint = _HINTS.get(wanted.key, f"{wanted.key} of {wanted.name}")
                value = wanted.entry.values.get(wanted.key) or Value("")
                wanted.entry.values[wanted.key] = Value(Variable(name, hint), value.origins, value.note)
                for host, each in zip(hosts, wanted.values, strict=True):
                    environments[host][name] = str(each).lower() if isinstance(each, bool) else str(each)


def _word(key: str) -> str:
    """Return what a variable for this key is called: an address of a host is its source in every key."""
    return key.replace("unicast.source", "source")


def _free(name: str, values: tuple[Plain, ...], given: Mapping[str, tuple[Plain, ...]]) -> str:
    """Return the name, or one near to it if that has other values: `VI_1` and `VI-1` are spelt alike."""
    names = (name, *(f"{name}_{number}" for number in range(2, len(given) + 3)))
    return next(each for each in names if given.get(each, values) == values)


def _variable(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").upper()
