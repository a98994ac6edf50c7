"""The last look: whatever no rule has told of is told here, so that nothing is left out in silence."""

from collections.abc import Iterable
from typing import Final

from sidecar.migrate.finding import Findings, Verdict
from sidecar.migrate.place import Place
from sidecar.migrate.rules_server import CHECKER_NAMES
from sidecar.migrate.tree import Statement

_CONTAINERS: Final = CHECKER_NAMES | {
    "global_defs", "vrrp_instance", "vrrp_sync_group", "vrrp_script", "vrrp_track_process", "vrrp_track_file",
    "track_file", "track_script", "track_process", "track_interface", "authentication", "auth_hmac",
    "virtual_ipaddress", "virtual_ipaddress_excluded", "virtual_server", "real_server", "url",
}  # fmt: skip
"""Blocks whose statements are told of one by one, unless the block as a whole is not taken over."""
_WHOLE: Final = frozenset({Verdict.DECIDE, Verdict.DROPPED})


def untold(statements: Iterable[Statement], findings: Findings) -> None:
    """Tell of each statement that has no line in the report, alone or with the block that it is in."""
    whole = {finding.place for finding in findings.items if finding.verdict in _WHOLE}
    _look(statements, whole, findings)


def _look(statements: Iterable[Statement], whole: set[Place], findings: Findings) -> None:
    for statement in statements:
        if not statement.words:
            continue
        if statement.block and statement.keyword in _CONTAINERS:
            if findings.opened(statement) not in whole:
                _look(statement.body, whole, findings)
        elif statement.block is not None and statement.keyword in _CONTAINERS:
            continue
        elif not findings.told(statement):
            block = f"stands here without a block; write `{statement.keyword} {{ ... }}`"
            findings.decide(statement, block if statement.keyword in _CONTAINERS else "was not translated")
