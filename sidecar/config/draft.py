"""The parts of a document, each examined apart, so that a mistake in one hides none in another."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from sidecar.config.across.rules import Parts, across
from sidecar.config.across.sync_groups import readable_groups
from sidecar.config.check.kinds import choose
from sidecar.config.choice import Choice
from sidecar.config.depth import below, take_unindented, take_unnamed
from sidecar.config.entry import Entry, M
from sidecar.config.findings import findings as findings_of
from sidecar.config.mistake import Finding, Path, quoted
from sidecar.config.model import Config
from sidecar.config.other_files import of_other_file
from sidecar.config.pool.pool import Pool
from sidecar.config.router.virtual_router import VirtualRouter
from sidecar.config.shape import examine, given_keys
from sidecar.config.unsupported import ROUTER, TOP, take_unsupported
from sidecar.config.yaml.document import Document

_SECTIONS = ("virtual_routers", "checks", "pools")

_Chooser = Callable[[Path, dict[str, object], frozenset[str]], Choice[M]]
"""Chooses the model of an entry by its path, its values and the keys that it has in the file."""


def _always(model: type[M]) -> _Chooser[M]:
    return lambda _path, _raw, _given: Choice(model)


class Draft:
    """A document as models, and all that is wrong with them."""

    def __init__(self, document: Document, hostname: str) -> None:
        self.findings: list[Finding] = []
        self.explained: set[Path] = set()
        """Paths of which something better is said here than what is wrong with their values."""
        self._broken = document.broken
        self._empty = [finding.path for finding in document.findings if finding.code == "empty-value"]
        data = document.data
        if not isinstance(data, dict):
            if not document.findings:
                message = f"{quoted(data)} stands where a mapping belongs; begin with `virtual_routers:`"
                self.findings.append(Finding((), "type", message))
            return
        raw: dict[str, object] = data
        self.findings += of_other_file(raw)
        if self.findings and "virtual_routers" not in raw:
            self.explained |= {finding.path for finding in document.findings}
            return
        self._take(raw, (), TOP)
        self.findings += take_unindented(raw)
        routers = self._examine_all(raw, "virtual_routers", _always(VirtualRouter), ROUTER)
        known_checks, known_routers = self._names(raw, "checks"), self._names(raw, "virtual_routers")
        groups = readable_groups(raw.get("sync_groups"))
        checks = self._examine_all(raw, "checks", choose, {})
        pools = self._examine_all(raw, "pools", _always(Pool), {})
        self._top = self._examine_top(raw, hostname)
        has_docker = "docker" in self._top.given
        self._parts = Parts(routers, checks, pools, groups, known_routers, known_checks, has_docker)
        self.findings += self._rules()

    def config(self) -> Config:
        """The whole configuration. Only after no error was found."""
        parts = self._parts
        return self._top.model.model_copy(
            update={
                "virtual_routers": _models(parts.routers),
                "checks": _models(parts.checks),
                "pools": _models(parts.pools),
            }
        )

    def _examine_top(self, raw: dict[str, object], hostname: str) -> Entry[Config]:
        top = {key: value for key, value in raw.items() if key not in _SECTIONS}
        top["node"] = raw.get("node") or hostname
        # The sections are examined apart; that they are missing here is no finding.
        apart: set[Path] = {(section,) for section in _SECTIONS}
        entry, findings = examine(Config, top, (), broken=self._broken | apart)
        self.findings += findings
        return entry

    def _examine_all(
        self,
        raw: dict[str, object],
        section: str,
        choice: _Chooser[M],
        unsupported: Mapping[str, str],
    ) -> dict[str, Entry[M]]:
        entries: dict[str, Entry[M]] = {}
        for name, item in self._section(raw, section).items():
            path: Path = (section, name)
            if not isinstance(item, dict):
                message = f"{quoted(item)} stands where a mapping belongs; write `key: value` lines"
                self.findings.append(Finding(path, "type", message))
                continue
            given = given_keys(item, path, self._broken)
            self._take(item, path, unsupported)
            chosen = choice(path, item, given)
            entry, findings = examine(chosen.model, item, path, broken=self._broken, akin=chosen.akin)
            self.findings += [*chosen.findings, *findings]
            entries[name] = replace(entry, given=entry.given | given)
        return entries

    def _section(self, raw: dict[str, object], section: str) -> dict[str, object]:
        items = raw.get(section, {})
        unnamed = list(self._unnamed(section, items))
        self.findings += unnamed
        if unnamed:
            return items if isinstance(items, dict) else {}
        if not isinstance(items, dict):
            message = (
                f"{quoted(items)} stands where a mapping belongs; write a name and a colon before each entry"
            )
            self.findings.append(Finding((section,), "type", message))
            return {}
        if section == "virtual_routers" and not items and not self._is_broken((section,)):
            message = "no virtual router is configured; add one, such as `virtual_routers: {web: {...}}`"
            self.findings.append(Finding((section,), "missing-key", message))
        return items

    def _unnamed(self, section: str, items: object) -> Iterator[Finding]:
        names = [name for path in self._empty if (name := below(section, path)) is not None]
        for finding in take_unnamed(section, items, names) if isinstance(items, dict) else ():
            self.explained |= {(section, name) for name in names[-1:]}
            yield finding

    def _is_broken(self, path: Path) -> bool:
        return any(broken[: len(path)] == path for broken in self._broken)

    def _take(self, raw: dict[str, object], path: Path, words: Mapping[str, str]) -> None:
        self.findings += take_unsupported(raw, path, words)

    def _names(self, raw: dict[str, object], section: str) -> frozenset[str]:
        """The content of a section, entries with mistakes included."""
        items = raw.get(section)
        broken = {str(path[1]) for path in self._broken if path[:1] == (section,) != path}
        return frozenset(items if isinstance(items, dict) else ()) | broken

    def _rules(self) -> Iterator[Finding]:
        parts = self._parts
        for section in (parts.routers, parts.checks, parts.pools):
            for entry in section.values():
                yield from findings_of(entry)
        yield from across(parts)


def _models(entries: Mapping[str, Entry[M]]) -> dict[str, M]:
    return {name: entry.model for name, entry in entries.items()}
