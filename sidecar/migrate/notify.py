"""The scripts of keepalived that are told of a state, as hooks of a virtual router.

keepalived tells `notify` its arguments, and the others none; here all hooks get them. A hook is one program:
where two scripts are for the same one, the first is taken, and a person decides about the other.
"""

import posixpath
from typing import Final

from sidecar.migrate.command import is_simple, split
from sidecar.migrate.command_line import command_line
from sidecar.migrate.draft import Draft
from sidecar.migrate.entries import Entry
from sidecar.migrate.finding import Findings
from sidecar.migrate.rules_instance import NO_HOOK, NO_USER
from sidecar.migrate.scripts import INSTALLED, Scripts
from sidecar.migrate.tree import Statement

_HOOKS: Final = {
    "notify_master": ("post_acquire",),
    "notify_backup": ("post_release",),
    "notify_fault": ("post_fault",),
    "notify_stop": ("post_release",),
    "notify": ("post_acquire", "post_release", "post_fault"),
}
"""In the order in which they are looked at: what is told of one state comes before what is told of all."""
_NONE: Final = {
    "notify_deleted": "a router that a reload removes is stopped: write `post_release`",
    "notify_master_rx_lower_pri": NO_HOOK,
}


def hooks(draft: Draft, entry: Entry, scripts: Scripts, findings: Findings) -> None:
    """Add the hooks of one instance."""
    for keyword, names in _HOOKS.items():
        statement = draft.said.get(keyword)
        if statement is not None:
            _script(statement, names, entry, scripts, findings)
    for keyword, why in _NONE.items():
        if (statement := draft.said.get(keyword)) is not None:
            findings.decide(statement, why)


def _script(
    statement: Statement, names: tuple[str, ...], entry: Entry, scripts: Scripts, findings: Findings
) -> None:
    argv = _argv(statement, findings)
    if not argv:
        findings.decide(statement, "it names no program by its whole path; correct it")
        return
    program = argv[0]
    if posixpath.dirname(program) not in INSTALLED:
        copy = f"/etc/vip-sidecar/{posixpath.basename(program)}"
        scripts.copies[program] = copy
        argv = [copy, *argv[1:]]
    free = [name for name in names if entry.plain(f"hooks.{name}", ()) in ((), tuple(argv))]
    taken = [name for name in names if name not in free]
    for name in free:
        entry.put(f"hooks.{name}", tuple(argv), statement.place)
    if taken:
        what = " and ".join(taken)
        findings.decide(
            statement, f"there is a program for {what}, and a hook is one: have a script of yours call both"
        )
    if free:
        findings.approximated(
            statement,
            f"hooks: {', '.join(free)}; it is run without any privilege and after the one before it has "
            "ended: see that all it calls is in the image",
        )


def _argv(statement: Statement, findings: Findings) -> list[str]:
    """Return the program with its arguments; none if it is not named by its whole path."""
    if not statement.values:
        return []
    line = command_line(statement)
    argv = split(line.text) or []
    if not argv or not argv[0].startswith("/"):
        return []
    if line.after and not line.quoted:
        findings.decide(
            line.after[0],
            "keepalived takes it for a user, and so it is left out; quote it together with the path if it is "
            "an argument",
        )
    elif line.after:
        findings.dropped(line.after[0], f"the user of {argv[0]}: {NO_USER}")
    if is_simple(line.text):
        return argv
    findings.decide(
        statement,
        "keepalived takes `>`, `&`, `;` and `|` for arguments, and here a shell runs it, as it seems to be "
        "meant: make it a script of your own",
    )
    return ["/bin/sh", "-c", line.text]
