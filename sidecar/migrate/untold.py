"""The last look: whatever no rule has told of is told here, so that nothing is left out in silence."""

from collections.abc import Iterable
from typing import Final

from sidecar.migrate.fact import BEHIND
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
_ONE_VALUE: Final = frozenset({
    "router_id", "vrrp_version", "interface", "state", "virtual_router_id", "priority",
    "advert_int", "version", "unicast_src_ip", "mcast_src_ip", "unicast_ttl", "preempt_delay",
    "vrrp_startup_delay", "garp_master_delay", "interval", "timeout", "rise", "fall",
    "auth_type", "auth_pass",
})  # fmt: skip
_NO_VALUE: Final = frozenset({"nopreempt", "preempt", "no_accept", "accept", "native_ipv6", "vmac_xmit_base",
                              "init_fail"})  # fmt: skip
_SWITCHES: Final = frozenset({"on", "off", "true", "false", "yes", "no", "0", "1"})
_WHOLE: Final = frozenset({Verdict.DECIDE, Verdict.DROPPED})


def untold(statements: Iterable[Statement], findings: Findings) -> None:
    """Tell of each statement that has no line in the report, alone or with the block that it is in."""
    whole = {finding.place for finding in findings.items if finding.verdict in _WHOLE}
    _look(statements, whole, findings)


def _look(statements: Iterable[Statement], whole: set[Place], findings: Findings) -> None:
    for statement in statements:
        if not statement.words:
            continue
        _behind(statement, findings)
        if statement.block and statement.keyword in _CONTAINERS:
            if findings.opened(statement) not in whole:
                _look(statement.body, whole, findings)
        elif statement.block is not None and statement.keyword in _CONTAINERS:
            continue
        elif not findings.told(statement):
            block = f"stands here without a block; write `{statement.keyword} {{ ... }}`"
            findings.decide(statement, block if statement.keyword in _CONTAINERS else "was not translated")


def _behind(statement: Statement, findings: Findings) -> None:
    """Tell of words behind the value of a statement, which nobody reads."""
    keyword = statement.keyword
    read = 1 if keyword in _ONE_VALUE else 0 if keyword in _NO_VALUE else len(statement.values)
    rest = statement.values[read:]
    if rest and rest[0].text.lower() not in _SWITCHES:
        findings.decide(rest[0], BEHIND)
