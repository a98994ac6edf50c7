"""A file to a configuration, or to all that is wrong with it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from sidecar.config.address_rules import ADDRESS_RULES
from sidecar.config.auth_rules import AUTH_RULES
from sidecar.config.check.kinds import choose, needs_docker, rules_of
from sidecar.config.check_rules import unused
from sidecar.config.damping_rules import DAMPING_RULES
from sidecar.config.mistake import ConfigError, Finding, Mistake, Path, Severity, dotted, quoted
from sidecar.config.model import Config
from sidecar.config.pool_model import Pool
from sidecar.config.pool_rules import POOL_RULES, pool_needs_docker, pools_apart
from sidecar.config.router_model import VirtualRouter
from sidecar.config.router_rules import (
    ROUTER_RULES,
    check_names,
    one_macvlan_each,
    side_by_side,
)
from sidecar.config.rules import apply
from sidecar.config.shape import Choice, Entry, M, examine, given_keys
from sidecar.config.sync_rules import readable_groups, sync_groups, unlike_members
from sidecar.config.transport_rules import TRANSPORT_RULES, no_vip_among_hosts
from sidecar.config.unsupported import ROUTER, TOP, take_unsupported
from sidecar.config.weight_rules import weights
from sidecar.config.yaml.document import (
    Document,
    read_document,
)
from sidecar.config.yaml.read import read_text
from sidecar.config.yaml.tree import parse_tree
from sidecar.plan.plan import FromEnvironment

_SECTIONS = ("virtual_routers", "checks", "pools")
_ALL_ROUTER_RULES = (*ROUTER_RULES, *ADDRESS_RULES, *TRANSPORT_RULES, *AUTH_RULES, *DAMPING_RULES)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be used, and what its author should look at all the same."""

    config: Config
    warnings: tuple[Mistake, ...]
    from_environment: tuple[FromEnvironment, ...] = ()
    path: FilePath | None = None
    """The file, if it was read from one."""


def load(path: FilePath, environ: Mapping[str, str], hostname: str) -> Loaded:
    """Read a configuration file.

    `environ` is where variables come from; `hostname` names the node when the file does not.

    Raises:
        ConfigError: the file cannot be read or has at least one error; it carries all of them.

    """
    return replace(parse(read_text(path), str(path), environ, hostname), path=path)


def parse(text: str, file: str, environ: Mapping[str, str], hostname: str) -> Loaded:
    """Read a configuration from its text; `file` is its name in messages.

    Raises:
        ConfigError: as `load`.

    """
    tree, duplicates = parse_tree(text, file)
    document = read_document(tree, environ)
    draft = _Draft(document, hostname)
    findings = [*document.findings, *draft.findings]
    mistakes = (*duplicates, *(_mistake(finding, document, file) for finding in findings))
    ordered = tuple(sorted(mistakes, key=lambda m: (m.line, m.column, m.code)))
    if any(mistake.severity is Severity.ERROR for mistake in ordered):
        raise ConfigError(ordered)
    return Loaded(draft.config(), ordered, tuple(_from_environment(document)))


def _from_environment(document: Document) -> Iterator[FromEnvironment]:
    for path, variable in document.variables:
        at = document.locate(path)
        yield FromEnvironment(dotted(path), at.line, at.column, variable.name, variable.is_set)


_Chooser = Callable[[Path, dict[str, object], frozenset[str]], Choice[M]]
"""Chooses the model of an entry by its path, its values and the keys that it has in the file."""


def _always(model: type[M]) -> _Chooser[M]:
    return lambda _path, _raw, _given: Choice(model)


class _Draft:
    """The parts of a document, each examined apart, so that a mistake in one hides none in another."""

    def __init__(self, document: Document, hostname: str) -> None:
        self.findings: list[Finding] = []
        self._broken = document.broken
        data = document.data
        if not isinstance(data, dict):
            if not document.findings:
                message = f"{quoted(data)} stands where a mapping belongs; begin with `virtual_routers:`"
                self.findings.append(Finding((), "type", message))
            return
        raw: dict[str, object] = data
        self._take(raw, (), TOP)
        self._routers = self._examine_all(raw, "virtual_routers", _always(VirtualRouter), ROUTER)
        self._check_names = self._names(raw, "checks")
        self._router_names = self._names(raw, "virtual_routers")
        self._groups = readable_groups(raw.get("sync_groups"))
        self._checks = self._examine_all(raw, "checks", choose, {})
        self._pools = self._examine_all(raw, "pools", _always(Pool), {})
        self._top = self._examine_top(raw, hostname)
        self.findings += self._rules()

    def config(self) -> Config:
        """The whole configuration. Only after no error was found."""
        routers = {name: entry.model for name, entry in self._routers.items()}
        checks = {name: entry.model for name, entry in self._checks.items()}
        pools = {name: entry.model for name, entry in self._pools.items()}
        return self._top.model.model_copy(
            update={"virtual_routers": routers, "checks": checks, "pools": pools}
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
            entries[name] = Entry(path, entry.model, entry.given | given, entry.wrong)
        return entries

    def _section(self, raw: dict[str, object], section: str) -> dict[str, object]:
        items = raw.get(section, {})
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

    def _is_broken(self, path: Path) -> bool:
        return any(broken[: len(path)] == path for broken in self._broken)

    def _take(self, raw: dict[str, object], path: Path, words: Mapping[str, str]) -> None:
        self.findings += take_unsupported(raw, path, words)

    def _names(self, raw: dict[str, object], section: str) -> frozenset[str]:
        """What stands in a section, the entries with mistakes included."""
        items = raw.get(section)
        broken = {str(path[1]) for path in self._broken if path[:1] == (section,) != path}
        return frozenset(items if isinstance(items, dict) else ()) | broken

    def _rules(self) -> Iterator[Finding]:
        has_docker = "docker" in self._top.given
        for check in self._checks.values():
            yield from apply(rules_of(check.given), check)
            yield from needs_docker(check.path, check.given, has_docker=has_docker)
        for pool in self._pools.values():
            yield from apply(POOL_RULES, pool)
            yield from pool_needs_docker(pool, has_docker=has_docker)
        yield from pools_apart(self._pools)
        for router in self._routers.values():
            yield from apply(_ALL_ROUTER_RULES, router)
            yield from check_names(router, self._check_names)
            yield from weights(router, self._checks)
        routers = tuple(self._routers.values())
        yield from side_by_side(routers)
        yield from one_macvlan_each(routers)
        yield from no_vip_among_hosts(routers)
        yield from unused(self._checks, routers)
        yield from sync_groups(self._groups, self._router_names)
        yield from unlike_members(self._groups, self._routers, self._check_names)


def _mistake(finding: Finding, document: Document, file: str) -> Mistake:
    at = document.locate(finding.path, at_key=finding.at_key)
    message = f"{dotted(finding.path)}: {finding.message}" if finding.path else finding.message
    return Mistake(file, at.line, at.column, finding.code, message, finding.severity)
