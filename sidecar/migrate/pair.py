"""The configurations of several hosts as one: what may differ between hosts becomes a variable."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.migrate.entries import Entries, Entry, Plain, Value, Variable
from sidecar.migrate.translate import Translation
from sidecar.migrate.variables import PER_HOST, Variables

_OF_ANY: Final = frozenset({"hooks", "unicast"})
"""Keys of a router that are taken from any host that has them. Else the first host's counts, even none."""
_DEFAULTS: Final[dict[str, Plain]] = {
    "preempt": True,
    "preempt_delay": "0s",
    "startup_delay": "0s",
    "source": "",
}


@dataclass(slots=True)
class Joined:
    """One configuration, one environment a host, and where the hosts disagreed."""

    entries: Entries = field(default_factory=Entries)
    environments: dict[str, dict[str, str]] = field(default_factory=dict)
    disagreements: list[str] = field(default_factory=list)


def join(hosts: Sequence[Translation]) -> Joined:
    """Return one configuration for all hosts."""
    joiner = _Joiner(hosts)
    joiner.routers()
    joiner.checks()
    joiner.rest()
    joined = joiner.joined
    joiner.variables.assign([host.host for host in hosts], joined.environments)
    return joined


class _Joiner:
    def __init__(self, hosts: Sequence[Translation]) -> None:
        self._hosts = hosts
        self.joined = Joined(environments={host.host: {} for host in hosts})
        self.variables = Variables()

    def routers(self) -> None:
        """Join virtual routers by name, or by family and VRID where their names differ."""
        left = [dict(host.entries.routers) for host in self._hosts]
        for name in list(left[0]):
            if all(name in routers for routers in left):
                self._join_routers(name, [routers.pop(name) for routers in left])
        for name, entry in list(left[0].items()):
            named = [next((n for n, e in r.items() if _identity(e) == _identity(entry)), None) for r in left]
            if None in named:
                continue
            shown = ", ".join(f"{host.host}: {each}" for host, each in zip(self._hosts, named, strict=True))
            self.joined.disagreements.append(f"a router has two names ({shown}); it is {name} here")
            self._join_routers(
                name, [routers.pop(str(each)) for routers, each in zip(left, named, strict=True)]
            )
        for name in dict.fromkeys(name for routers in left for name in routers):
            self._only_on_some(f"virtual router {name}", [name in routers for routers in left])

    def _join_routers(self, name: str, entries: Sequence[Entry]) -> None:
        self.joined.entries.routers[name] = self._router(name, entries)

    def _router(self, name: str, given: Sequence[Entry]) -> Entry:
        entries = self._one_transport(name, given)
        merged = Entry(tuple(place for entry in entries for place in entry.origins))
        for key in dict.fromkeys(key for entry in entries for key in entry.values):
            if key == "unicast.peers":
                self._mesh(merged, entries)
                continue
            if key == "unicast.source" and not all(key in entry.values for entry in entries):
                continue
            if key == "checks":
                self._all_checks(name, merged, entries)
                continue
            self._value(f"virtual_routers.{name}", name, key, merged, entries, may_differ=key in PER_HOST)
        self._no_source(name, merged, entries)
        merged.remarks = [remark for entry in entries for remark in entry.remarks]
        return merged

    def _one_transport(self, name: str, given: Sequence[Entry]) -> Sequence[Entry]:
        """Return the entries, all of them as the first one is: unicast or multicast."""
        unicast = ["unicast.peers" in entry.values for entry in given]
        if len(set(unicast)) == 1:
            return given
        shown = ", ".join(
            f"{host.host} has {'unicast' if each else 'multicast'}"
            for host, each in zip(self._hosts, unicast, strict=True)
        )
        self._taken(f"virtual_routers.{name}: {shown}", self._hosts[0].host)
        ours, theirs = ("unicast.source", "source") if unicast[0] else ("source", "unicast.source")
        entries = []
        for entry in given:
            values = {ours if key == theirs else key: value for key, value in entry.values.items()}
            if not unicast[0]:
                values = {key: value for key, value in values.items() if not key.startswith("unicast.")}
            entries.append(Entry(entry.origins, values, entry.remarks))
        return entries

    def _taken(self, what: str, host: str) -> None:
        self.joined.disagreements.append(f"{what}; that of {host} is taken for both")

    def _all_checks(self, name: str, merged: Entry, entries: Sequence[Entry]) -> None:
        """Put the checks of all hosts."""
        given = [_items(entry, "checks") for entry in entries]
        origins = tuple(place for entry in entries if "checks" in entry.values
                        for place in entry.values["checks"].origins)  # fmt: skip
        merged.values["checks"] = Value(
            tuple(dict.fromkeys(each for some in given for each in some)), origins
        )
        if any(some != given[0] for some in given):
            shown = ", ".join(
                f"{host.host} has {_listed(some)}" for host, some in zip(self._hosts, given, strict=True)
            )
            self.joined.disagreements.append(
                f"virtual_routers.{name}.checks: {shown}; all of them count on every host"
            )

    def _mesh(self, merged: Entry, entries: Sequence[Entry]) -> None:
        """Put all hosts of a pair as peers: each drops itself."""
        addresses: dict[str, None] = {}
        for key in ("unicast.source", "unicast.peers"):
            for entry in entries if len(entries) > 1 or key == "unicast.peers" else ():
                value = entry.plain(key, ())
                addresses.update(dict.fromkeys(map(str, value if isinstance(value, tuple) else (value,))))
        origins = tuple(place for entry in entries if "unicast.peers" in entry.values
                        for place in entry.values["unicast.peers"].origins)  # fmt: skip
        note = "all hosts: each drops itself" if len(entries) > 1 else ""
        merged.values["unicast.peers"] = Value(tuple(addresses), origins, note)

    def _no_source(self, name: str, merged: Entry, entries: Sequence[Entry]) -> None:
        """Find a host's own address among the peers of the others, where it does not say it.

        Where that leads to none, none is needed: keepalived and ours take the first address of the interface.
        """
        if "unicast.peers" not in merged.values:
            return
        sources = [entry.plain("unicast.source") for entry in entries]
        if all(sources):
            return
        for index, source in enumerate(sources):
            sources[index] = source or self._mentioned(index, entries)
        merged.values.pop("unicast.source", None)
        if not any(sources):
            return
        self.variables.want(merged, name, "unicast.source", tuple(sources))
        self.joined.disagreements += [
            f"virtual_routers.{name}: no unicast_src_ip on {host.host}; write its own address into its .env"
            for host, source in zip(self._hosts, sources, strict=True)
            if not source
        ]

    def _mentioned(self, index: int, entries: Sequence[Entry]) -> str:
        """The one peer of the other hosts that is none of this host: itself. Empty if that is not one."""
        others = [entry for at, entry in enumerate(entries) if at != index]
        mentioned = {peer for entry in others for peer in _items(entry, "unicast.peers")}
        left = mentioned - set(_items(entries[index], "unicast.peers"))
        return str(left.pop()) if len(left) == 1 else ""

    def _value(
        self, path: str, name: str, key: str, merged: Entry, entries: Sequence[Entry], *, may_differ: bool
    ) -> None:
        given = [entry.values.get(key) for entry in entries]
        known = [value for value in given if value is not None]
        plain = [entry.plain(key, _DEFAULTS.get(key, ())) for entry in entries]
        origins = tuple(place for value in known for place in value.origins)
        note = next((value.note for value in known if value.note), "")
        first = known[0].value
        same = all(value == first for value in plain)
        settable = may_differ and all(isinstance(value, str | int | bool) for value in plain)
        merged.values[key] = Value(first, origins, note)
        always = key == "priority" or (len(given) > 1 and key in ("source", "unicast.source"))
        if settable and (always or not same):
            self.variables.want(merged, name, key, tuple(plain))
        self.joined.disagreements += [
            f"{path}: no mcast_src_ip on {host.host}; write its own address into its .env"
            for host, each in zip(self._hosts, plain, strict=True)
            if key == "source" and not each
        ]
        if not same and not (key in ("priority", "unicast.source", "source") and settable):
            taken = (
                0 if given[0] is not None or key.partition(".")[0] not in _OF_ANY else given.index(known[0])
            )
            if given[taken] is None and not settable:
                del merged.values[key]
            self._differ(f"{path}.{key}", given, self._hosts[taken].host, settable=settable)

    def _differ(self, path: str, given: Sequence[Value | None], taken: str, *, settable: bool) -> None:
        if ".auth." in path:
            self._taken(f"{path}: it differs", taken)
            return
        values = [
            f"{host.host} has {_listed(value.value) if value else 'none'}"
            for host, value in zip(self._hosts, given, strict=True)
        ]
        what = f"{path}: {', '.join(values)}"
        if settable:
            self.joined.disagreements.append(f"{what}; each keeps its own, in .env")
        else:
            self._taken(what, taken)

    def _only_on_some(self, what: str, here: Sequence[bool]) -> None:
        there = ", ".join(host.host for host, is_here in zip(self._hosts, here, strict=True) if is_here)
        self.joined.disagreements.append(
            f"{what} is on {there} alone: it is left out, because one file serves all hosts; give it "
            f"a file of its own"
        )

    def checks(self) -> None:
        """Join checks by name. One that a host lacks is there on both all the same."""
        for name in dict.fromkeys(name for host in self._hosts for name in host.entries.checks):
            found = [host.entries.checks.get(name) for host in self._hosts]
            entries = [entry for entry in found if entry is not None]
            if len(entries) < len(self._hosts):
                there = ", ".join(
                    h.host for h, entry in zip(self._hosts, found, strict=True) if entry is not None
                )
                self.joined.disagreements.append(f"check {name} is on {there} alone; now it is on every host")
                self.joined.entries.checks[name] = entries[0]
                continue
            kinds = {next(iter(entry.values)) for entry in entries}
            if len(kinds) > 1:
                self.joined.disagreements.append(f"check {name} asks something else on each host; that of "
                                                 f"{self._hosts[0].host} is taken for both")  # fmt: skip
                self.joined.entries.checks[name] = entries[0]
                continue
            merged = Entry(tuple(place for entry in entries for place in entry.origins))
            for key in dict.fromkeys(key for entry in entries for key in entry.values):
                self._value(f"checks.{name}", name, key, merged, entries, may_differ=True)
            self.joined.entries.checks[name] = merged

    def rest(self) -> None:
        """Join pools, sync groups and the names of the hosts."""
        first, ours = self._hosts[0], self.joined.entries
        for host in self._hosts:
            for name, pool in host.entries.pools.items():
                other = ours.pools.setdefault(name, pool)
                if _plain(other) != _plain(pool):
                    self.joined.disagreements.append(f"pool {name} differs; that of {first.host} is taken")
            for name, group in host.entries.sync_groups.items():
                ours.sync_groups.setdefault(name, group)
                if ours.sync_groups[name].value != group.value:
                    self.joined.disagreements.append(
                        f"sync group {name} differs; that of {first.host} is taken"
                    )
        known = set(ours.routers)
        ours.sync_groups = {
            name: group
            for name, group in ours.sync_groups.items()
            if isinstance(group.value, tuple) and known.issuperset(map(str, group.value))
        }
        self._nodes()

    def _nodes(self) -> None:
        nodes = [host.entries.node for host in self._hosts]
        names = [str(node.value) if node else "" for node in nodes]
        if not any(names):
            return
        if len(names) > 1 and len(set(names)) == 1:
            self.joined.disagreements.append(
                f"router_id is {names[0]} on every host, so it names none; it is left out"
            )
            return
        origins = tuple(place for node in nodes if node for place in node.origins)
        self.joined.entries.node = Value(Variable("NODE", "", default=""), origins)
        for host, name in zip(self._hosts, names, strict=True):
            self.joined.environments[host.host]["NODE"] = name


def _items(entry: Entry, key: str) -> tuple[Plain, ...]:
    items = entry.plain(key, ())
    return items if isinstance(items, tuple) else ()


def _identity(entry: Entry) -> tuple[object, ...]:
    return ":" in str(entry.plain("addresses")), entry.plain("vrid")


def _listed(value: Plain | Variable) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(entry: Entry) -> dict[str, object]:
    return {key: value.value for key, value in entry.values.items()}
