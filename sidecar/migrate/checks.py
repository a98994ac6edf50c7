"""Scripts, processes, files and interfaces that are tracked, as checks."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from sidecar.migrate.compose_file import folder_to_mount
from sidecar.migrate.draft import Document, Draft
from sidecar.migrate.entries import Entry, label
from sidecar.migrate.fact import BEHIND, duration, is_interface, seconds, whole
from sidecar.migrate.finding import Findings
from sidecar.migrate.place import Place
from sidecar.migrate.probe import Probe
from sidecar.migrate.scripts import Scripts
from sidecar.migrate.tree import Statement
from sidecar.migrate.words import Word

TRACKED: Final = ("track_script", "track_process", "track_file", "track_interface")
_LARGEST_WEIGHT: Final = 253
_TOLD_BY_EVENTS: Final = frozenset({"process", "link", "container"})
_LONGEST_TIMEOUT: Final = 60
_LONGEST_EVERY, _SHORTEST_EVERY = Decimal(3600), Decimal("0.05")
_DEFAULT_TIMEOUT: Final = Decimal("0.5")
_OPTIONS: Final = frozenset({"weight", "reverse", "noreverse"})
_NO_FOLDER: Final = (
    "the sidecar's container has this folder itself: use a file in a folder that can be mounted"
)


class _Weight(NamedTuple):
    """The weight that counts for a reference, and the word that says it; 0 makes the check a required one."""

    value: int
    place: Place | None = None


@dataclass(slots=True)
class Checks:
    """The checks that virtual routers refer to so far, and which files go with them."""

    document: Document
    scripts: Scripts
    findings: Findings
    entries: dict[str, Entry] = field(default_factory=dict)
    of_processes: set[str] = field(default_factory=set)
    """Those that were a vrrp_track_process."""
    _probes: dict[tuple[str, str], Probe | None] = field(default_factory=dict)
    _made: dict[tuple[str, str, int], str] = field(default_factory=dict)
    _left_out: set[tuple[str, str]] = field(default_factory=set)

    def tracked_by(self, draft: Draft) -> Iterator[tuple[str, Statement]]:
        """Yield the names of the checks that an instance or group tracks, each with its statement."""
        for keyword in TRACKED:
            for statement in draft.words_of(keyword):
                name = self._reference(keyword, statement)
                if name is not None:
                    self.findings.mapped(statement, f"checks.{name}")
                    yield name, statement

    def unused(self) -> None:
        """Tell of what nobody tracks."""
        for kind, drafts in (
            ("track_script", self.document.scripts),
            ("track_process", self.document.processes),
            ("track_file", self.document.flags),
        ):
            for name, draft in drafts.items():
                if not any(made[:2] == (kind, name) for made in self._made):
                    if (kind, name) in self._left_out:
                        self.findings.decide(draft.opening, "left out, for what is said of its lines")
                    else:
                        self.findings.dropped(draft.opening, "no virtual router tracks it")
                elif "weight" in draft.said and not self.findings.told(draft.said["weight"]):
                    self.findings.dropped(draft.said["weight"], "each reference has a weight of its own")

    def _reference(self, keyword: str, statement: Statement) -> str | None:
        name = statement.keyword
        pairs = zip(statement.words, statement.values, strict=False)
        behind = [word for before, word in pairs if word.text not in _OPTIONS and before.text != "weight"]
        if behind:
            self.findings.decide(behind[0], BEHIND)
        known = {
            "track_script": self.document.scripts,
            "track_process": self.document.processes,
            "track_file": self.document.flags,
        }
        draft = Draft(statement) if keyword == "track_interface" else known[keyword].get(name)
        if draft is None:
            self.findings.decide(
                statement, f"there is no such {keyword.removeprefix('track_')}: keepalived ignores it"
            )
            return None
        weight = self._weight(keyword, statement, draft)
        made = None if weight is None else self._once(keyword, name, draft, weight)
        if made is None:
            self._left_out.add((keyword, name))
            self.findings.decide(statement, "left out, because what it names was not translated")
        elif weight and weight.value and _given_weight(statement.values) is None:
            self._inherited(draft, made)
        return made

    def _inherited(self, draft: Draft, made: str) -> None:
        """Tell of a weight that stands where the check is defined, once a reference has it from there."""
        said, counts = draft.said.get("weight"), self.entries[made].values.get("weight")
        if said is not None and counts is not None and not self.findings.told(said):
            self.findings.mapped(said, f"checks.{made}.weight: {self.entries[made].plain('weight')}")

    def _once(self, keyword: str, name: str, draft: Draft, weight: _Weight) -> str | None:
        made = self._made.get((keyword, name, weight.value)) or self._make(keyword, name, draft, weight)
        if made is not None:
            self._made[keyword, name, weight.value] = made
        return made

    def _weight(self, keyword: str, statement: Statement, draft: Draft) -> _Weight | None:
        given = _given_weight(statement.values)
        source = statement
        if given is None and keyword != "track_interface" and "weight" in draft.said:
            source = draft.said["weight"]
            given = _given_weight(source.words)
        if given is None:
            return _Weight(1 if keyword == "track_file" else 0)
        number, reverse = given
        if reverse:
            self.findings.decide(
                source, "`reverse` has no equal: write a check that asks the opposite, and its weight"
            )
            return None
        checked = whole(
            Statement((source.words[0], number)), -_LARGEST_WEIGHT - 1, _LARGEST_WEIGHT + 1, self.findings
        )
        if checked is None:
            return _Weight(0)
        return _Weight(max(-_LARGEST_WEIGHT, min(_LARGEST_WEIGHT, checked.value)), number.place)

    def _make(self, keyword: str, name: str, draft: Draft, weight: _Weight) -> str | None:
        if (keyword, name) in self._probes:
            probe = self._probes[keyword, name]
        elif keyword == "track_interface":
            probe = _link(name)
        elif keyword == "track_process":
            probe = self._process(draft)
        elif keyword == "track_file":
            probe = self._flag(draft, weight)
        else:
            probe = self.scripts.probe(draft)
        first_time = keyword != "track_interface" and (keyword, name) not in self._probes
        self._probes[keyword, name] = probe
        if probe is None:
            return None
        ours = label(name, self.entries, "check")
        entry = Entry((draft.opening.place,))
        script_statement = draft.said.get(probe_keyword(keyword), draft.opening)
        entry.put(probe.kind, probe.value, script_statement.place)
        for key, value in probe.keys.items():
            entry.put(key, value, script_statement.place)
        self._counts(entry, draft, probe, _Weight(0) if name in self.scripts.stopping else weight)
        self.entries[ours] = entry
        self.of_processes |= {ours} if keyword == "track_process" else set()
        if first_time:
            self.findings.mapped(draft.opening, f"checks.{ours}")
            for said in ("rise", "fall"):
                if said in draft.said and entry.values[said].origins:
                    self.findings.mapped(draft.said[said], f"checks.{ours}.{said}: {entry.plain(said)}")
            self._rest(draft, probe)
        return ours

    def _rest(self, draft: Draft, probe: Probe) -> None:
        """Tell of what is the default here, and of what the kind of the check does not need, or cannot do."""
        if probe.kind == "file" and folder_to_mount(str(probe.value)) is None:
            said = draft.said.get("script") or draft.said["file"]
            self.findings.decide(said, f"{probe.value}: {_NO_FOLDER}")
        weight = draft.said.get("weight")
        if weight is not None and [word.text for word in weight.values] == ["0"]:
            self.findings.mapped(weight, "no weight: required")
        if "user" in draft.said and probe.kind != "exec":
            self.findings.dropped(draft.said["user"], f"a {probe.kind} check runs no program")

    def _process(self, draft: Draft) -> Probe | None:
        statement = draft.said.get("process")
        if statement is None or not statement.values:
            self.findings.decide(draft.opening, "no process is named; write `process NAME`")
            return None
        name = posixpath.basename(statement.values[0].text)
        if "quorum" in draft.said:
            quorum = draft.said["quorum"]
            if [word.text for word in quorum.values] == ["1"]:
                self.findings.mapped(quorum, "one process is enough")
            else:
                self.findings.decide(quorum, "one process is enough here")
        if len(statement.values) > 1:
            self.findings.decide(statement, "a process is known by its name alone here, not by its arguments")
        else:
            self.findings.mapped(statement, f"process: {name}")
        return Probe("process", name)

    def _flag(self, draft: Draft, weight: _Weight) -> Probe | None:
        statement = draft.said.get("file")
        if statement is None or not statement.values:
            self.findings.decide(draft.opening, "no file is named; write `file PATH`")
            return None
        path = statement.values[0].text
        if weight.value:
            self.findings.decide(
                statement,
                "the number in this file moves the priority, and ours asks only whether a file is "
                "there: write "
                f"a check such as `flag: {{file: {path}, weight: -20}}`",
            )
            return None
        self.findings.approximated(
            statement, "fails while the file is there, whatever its number: remove it, not 0"
        )
        return Probe("file", path)

    def _counts(self, entry: Entry, draft: Draft, probe: Probe, weight: _Weight) -> None:
        """Put how often it runs, and how its results count."""
        if draft.said.get("script") is not None:
            self._pace(entry, draft, probe)
        for keyword in ("rise", "fall"):
            statement = draft.said.get(keyword)
            number = whole(statement, 1, 100, self.findings) if statement else None
            if number is not None:
                entry.put(keyword, number.value, number.place)
            else:
                entry.put(keyword, 1, note="keepalived's default")
        if weight.value:
            entry.put("weight", weight.value, *([weight.place] if weight.place else entry.origins[:1]))

    def _pace(self, entry: Entry, draft: Draft, probe: Probe) -> None:
        interval, timeout = draft.said.get("interval"), draft.said.get("timeout")
        every = seconds(interval, self.findings) if interval else None
        # keepalived takes one second for an interval of zero too
        given = every.value if every and every.value else Decimal(1)
        period = min(max(given, _SHORTEST_EVERY), _LONGEST_EVERY)
        if probe.kind in _TOLD_BY_EVENTS:
            for statement in (interval, timeout):
                if statement:
                    self.findings.dropped(statement, f"a {probe.kind} check is told by events, at once")
            return
        if interval and every:
            entry.put("every", duration(period), every.place)
            (self.findings.mapped if period == every.value else self.findings.approximated)(
                interval, f"every: {duration(period)}"
            )
        allowed = seconds(timeout, self.findings) if timeout else None
        limits = [value for value in (allowed and allowed.value, probe.timeout) if value]
        longest = min([*limits, period, Decimal(_LONGEST_TIMEOUT)])
        if timeout and allowed:
            if longest == allowed.value:
                self.findings.mapped(timeout, f"timeout: {duration(longest)}")
            else:
                text = f"timeout: {duration(longest)}, for it is no longer than `every` and the script's own"
                self.findings.approximated(timeout, text)
        if limits or longest > _DEFAULT_TIMEOUT:
            origins = [statement.place for statement in (timeout,) if statement]
            entry.put(
                "timeout",
                duration(longest),
                *origins,
                note="" if origins else "as the script or its interval",
            )


def _link(name: str) -> Probe | None:
    return Probe("link", name) if is_interface(name) else None


def probe_keyword(keyword: str) -> str:
    """The keyword that names what is asked, in the block of a tracked thing."""
    return {"track_script": "script", "track_process": "process", "track_file": "file"}.get(keyword, "")


def _given_weight(words: tuple[Word, ...]) -> tuple[Word, bool] | None:
    """Return the word after `weight`, and whether it is reversed."""
    for index, word in enumerate(words[:-1]):
        if word.text == "weight":
            reverse = any(other.text == "reverse" for other in words[index + 2 :])
            return words[index + 1], reverse
    return None
