"""One host's file as entries of our configuration, and the report about it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sidecar.migrate.authentication import KeyFile
from sidecar.migrate.checks import Checks
from sidecar.migrate.draft import Document, Draft
from sidecar.migrate.entries import Entries, Value
from sidecar.migrate.fact import said
from sidecar.migrate.files import Files
from sidecar.migrate.finding import Findings
from sidecar.migrate.place import Place, refused
from sidecar.migrate.pool import pool
from sidecar.migrate.rule import apply
from sidecar.migrate.rules_file import FILE
from sidecar.migrate.rules_instance import NO_USER
from sidecar.migrate.scripts import Scripts
from sidecar.migrate.source import Source
from sidecar.migrate.tree import Statement
from sidecar.migrate.untold import untold
from sidecar.migrate.virtual_router import Routers
from sidecar.migrate.words import Word

_SAMPLE_IDS: Final = frozenset({"LVS_DEVEL", "LVS_MASTER", "LVS_BACKUP", "HAProxy_DEVEL", ""})
_PAIR: Final = 2
_FOLLOWED: Final = frozenset({"sync_group_tracking_weight", "global_tracking"})
_UNFOLLOWED: Final = (
    "keepalived follows no weight in this group without sync_group_tracking_weight: it leaves a script out, "
    "and an interface is required; here the weight counts: write it for all members, or remove it"
)


@dataclass(slots=True)
class Translation:
    """What one host's file has become."""

    host: str
    file: str
    entries: Entries = field(default_factory=Entries)
    findings: Findings = field(default_factory=Findings)
    key_files: list[KeyFile] = field(default_factory=list)
    copies: dict[str, str] = field(default_factory=dict)


def translate(source: Source, host: str, file: str, files: Files) -> Translation:
    """Return what a file has become. `host` names it in messages and in the name of its `.env`.

    Raises:
        ConfigError: the file has no instance that keepalived would use, or one that it would refuse.

    """
    made = Translation(host, file)
    findings, document = made.findings, Document()
    apply(FILE, source.statements, document, findings)
    if not document.instances:
        message = "there is no vrrp_instance in this file that keepalived would use, and so there is no VIP"
        raise refused(Place(file, 1, 1), "no-instance", message)
    scripts = Scripts(document.global_defs, files, findings)
    checks = Checks(document, scripts, findings)
    routers = Routers(document, checks, findings)
    for draft in document.instances:
        routers.add(draft)
    for draft in document.groups:
        _group(draft, routers, checks, made)
    checks.unused()
    if not checks.entries:
        for entry in routers.entries.values():
            del entry.values["checks"]
    for draft in document.virtual_servers:
        pool(draft, made.entries.pools, findings)
    made.entries.node = _node(document.global_defs, findings)
    made.entries.routers, made.entries.checks = routers.entries, checks.entries
    made.key_files, made.copies = routers.key_files, scripts.copies
    _unread(source, findings)
    _general(document.global_defs, findings)
    untold(source.statements, findings)
    findings.items.sort(key=lambda finding: (finding.place.file != file, finding.place))
    return made


def _group(draft: Draft, routers: Routers, checks: Checks, made: Translation) -> None:
    """Add a sync group, and what it tracks to each of its members."""
    findings = made.findings
    named = [word for statement in draft.words_of("group") for word in statement.words]
    members = [routers.names[word.text] for word in named if word.text in routers.names]
    for word in named:
        if word.text not in routers.names:
            findings.decide(word, "there is no such instance: keepalived leaves it out, and so does this")
    tracked = list(checks.tracked_by(draft))
    for member in members:
        entry = routers.entries[member]
        known = entry.values["checks"]
        have = known.value if isinstance(known.value, tuple) else ()
        more = [name for name, _ in tracked if name not in have]
        entry.put("checks", (*have, *more), *known.origins, *(statement.place for _, statement in tracked))
    _group_hooks(draft, findings)
    _weights(draft, members, tracked, routers, checks, findings)
    if len(set(members)) < _PAIR:
        findings.dropped(draft.opening, "a group of fewer than two routers moves as they do")
        return
    made.entries.sync_groups[draft.name] = Value(tuple(dict.fromkeys(members)), (draft.opening.place,))
    findings.mapped(draft.opening, f"sync_groups.{draft.name}")
    if "group" in draft.said:
        findings.mapped(draft.said["group"], f"sync_groups.{draft.name}: {', '.join(members)}")


def _weights(
    draft: Draft,
    members: Iterable[str],
    tracked: Iterable[tuple[str, Statement]],
    routers: Routers,
    checks: Checks,
    findings: Findings,
) -> None:
    """Tell of weights in a group, which keepalived does not follow unless it is told to."""
    if any(statement.keyword in _FOLLOWED for statement in draft.opening.body if statement.words):
        return
    references = [*tracked, *(each for member in members for each in routers.tracked[member])]
    for check, statement in references:
        if checks.entries[check].plain("weight", 0) and check not in checks.of_processes:
            findings.decide(statement, _UNFOLLOWED)


def _group_hooks(draft: Draft, findings: Findings) -> None:
    for keyword, statement in draft.said.items():
        if keyword.startswith("notify"):
            findings.decide(
                statement,
                "each member has hooks of its own, which would run for each of them: write `hooks:` of one "
                "(post_acquire, post_release, post_fault)",
            )


def _node(global_defs: Draft, findings: Findings) -> Value | None:
    statement = global_defs.said.get("router_id") or global_defs.said.get("lvs_id")
    if statement is None:
        return None
    name = statement.values[0].text if statement.values else ""
    if name.startswith("$"):
        findings.decide(statement, f"{said(statement.values[0])}: it is left out")
        return None
    if name in _SAMPLE_IDS:
        findings.dropped(statement, "the name of the sample; the host's own name stands in log and status")
        return None
    findings.mapped(statement, "node, in .env")
    return Value(name, (statement.place,))


def _unread(source: Source, findings: Findings) -> None:
    for place, path in source.missing:
        line = Statement((Word("include", place), Word(path, place)))
        findings.decide(
            line, "this file is not here, so nothing in it was translated; use --root, or copy it here"
        )
    for place in source.cut_words:
        word = Word("#", place)
        findings.approximated(
            word, "a comment begins inside a word: keepalived cuts the word here, and so does this"
        )


def _general(global_defs: Draft, findings: Findings) -> None:
    """Tell of what stands in global_defs and has not been told by what it is used for."""
    for keyword, statement in global_defs.said.items():
        if findings.told(statement):
            continue
        if keyword in ("vrrp_mcast_group4", "vrrp_mcast_group6"):
            usual = {word.text for word in statement.values} <= {"224.0.0.18", "ff02::12"}
            text = "adverts go to 224.0.0.18 and ff02::12 alone"
            (findings.mapped if usual else findings.decide)(statement, text)
        elif keyword in ("notify_fifo", "vrrp_notify_fifo", "lvs_notify_fifo"):
            findings.decide(statement, "there is no FIFO; follow the log, or ask /status.json")
        else:
            findings.dropped(
                statement, NO_USER if keyword == "script_user" else "nothing in this file uses it"
            )
