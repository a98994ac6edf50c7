"""The VIPs of an instance: `virtual_ipaddress`, and what stands behind an address there."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Interface, IPv6Interface, ip_interface
from itertools import pairwise
from typing import Final

from sidecar.migrate.draft import Draft
from sidecar.migrate.fact import said
from sidecar.migrate.finding import Findings
from sidecar.migrate.tree import Statement
from sidecar.migrate.words import Word

Vip = IPv4Interface | IPv6Interface

IPV6: Final = 6
_VALUED: Final = frozenset(
    [
        "dev",
        "brd",
        "broadcast",
        "label",
        "scope",
        "peer",
        "proto",
        "metric",
        "preferred_lft",
        "track_group",
        "vrf",
    ]
)
_NOT_NEEDED: Final = {
    "brd": "a VIP has no broadcast address of its own",
    "broadcast": "a VIP has no broadcast address of its own",
    "label": "a VIP carries the mark of the sidecar instead of a label",
    "scope": "a VIP has the scope of its kind",
    "proto": "a VIP carries the mark of the sidecar instead",
    "metric": "a VIP brings no route with it",
    "preferred_lft": "a VIP is deprecated always: no connection of the host begins at it",
    "track_group": "a VIP is watched always",
    "no_track": "a VIP is watched always",
    "nodad": "a VIP is usable at once",
    "-nodad": "a VIP is usable at once",
    "noprefixroute": "always so",
    **dict.fromkeys(("home", "mngtmpaddr", "autojoin"), "no flag that a VIP needs"),
}
_MASK: Final = re.compile(r"255\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}")
_LENGTH: Final = re.compile(r"[0-9]{1,9}")
_LONGEST_LABEL: Final = 15
_NEEDS_VALUE: Final = frozenset(["dev", "brd", "broadcast", "label", "scope", "peer", "preferred_lft"])


def vips(draft: Draft, interfaces: Sequence[str], findings: Findings) -> list[tuple[Vip, Word]]:
    """Return the VIPs that keepalived would have, with their words. Those of another family it leaves out.

    `interfaces` are those of the router: the first one, and the names that it has else.
    """
    found: list[tuple[Vip, Word]] = []
    for statement in draft.words_of("virtual_ipaddress"):
        vip = _vip(statement, interfaces, findings)
        if vip is None:
            continue
        if found and vip.version != found[0][0].version:
            findings.decide(
                statement,
                f"IPv{vip.version} among IPv{found[0][0].version}: keepalived leaves it out, and here "
                f"each family has "
                "a virtual router of its own: add one",
            )
        elif any(vip.ip == other.ip for other, _ in found):
            findings.dropped(statement, f"{vip.ip} is there already")
        else:
            findings.mapped(statement, f"addresses: {vip}")
            found.append((vip, statement.words[0]))
    return found


def link_local_first(found: Sequence[tuple[Vip, Word]], findings: Findings) -> None:
    """Tell of link-local addresses that stand behind others: here they go first on the wire."""
    behind = False
    for vip, word in found:
        if behind and vip.version == IPV6 and vip.ip.is_link_local:
            text = "advertised first, as in RFC 9568; keepalived sends the order of the file and takes either"
            findings.approximated(word, text)
        behind |= not vip.ip.is_link_local


def _vip(statement: Statement, interfaces: Sequence[str], findings: Findings) -> Vip | None:
    first, *options = statement.words
    vip = address(first)
    if vip is None:
        name = "$" in first.text
        what = "keepalived replaces $NAME before a space alone: write ${NAME}" if name else "correct it"
        shown = first.text if name else said(first)
        findings.decide(statement, f"{shown} is no address with optional prefix length; {what}")
        return None
    reason = _skipped(vip, options)
    if reason:
        findings.decide(statement, f"keepalived skips this line, and so does this: {reason}; correct it")
        return None
    length = first.text.partition("/")[2]
    if length and length.lstrip("0") != str(vip.network.prefixlen).lstrip("0"):
        text = f"keepalived takes /{length} for /{vip.network.prefixlen}, and so does this: write the length"
        findings.decide(statement, text)
    _options(statement, options, interfaces, findings)
    return vip


def address(word: Word) -> Vip | None:
    """Return an address with its prefix length as keepalived reads it.

    That is the number at its beginning; /32 or /128 if there is none, or one out of range.
    """
    host, _, behind = word.text.partition("/")
    most = 128 if ":" in host else 32
    number = _LENGTH.match(behind)
    length = int(number[0]) if number and int(number[0]) <= most else most
    if "%" in host:
        return None
    try:
        return ip_interface(f"{host}/{length}")
    except ValueError:
        return None


def _skipped(vip: Vip, options: Sequence[Word]) -> str:
    """Return why keepalived does not have the address of a line at all; "" if it has it."""
    words = [word.text for word in options]
    if words and words[-1] in _NEEDS_VALUE:
        return f"{words[-1]} has no value"
    values = list(pairwise(words))
    if sum(option == "dev" for option, _ in values) > 1:
        return "dev stands there twice"
    for option, value in values:
        if option == "label" and len(value) > _LONGEST_LABEL:
            return f"a label has at most {_LONGEST_LABEL} characters"
        if option in ("brd", "broadcast") and (vip.version == IPV6 or not _is_broadcast(value)):
            return f"{value} cannot be its broadcast address"
    return ""


def _is_broadcast(value: str) -> bool:
    try:
        return value in ("+", "-") or bool(IPv4Address(value))
    except ValueError:
        return False


def device_of(statement: Statement) -> str:
    """Return the interface that an address is to be on; "" if that is not said."""
    words = [word.text for word in statement.words]
    return words[words.index("dev") + 1] if "dev" in words[:-1] else ""


def _options(
    statement: Statement, words: Sequence[Word], interfaces: Sequence[str], findings: Findings
) -> None:
    rest = list(words)
    while rest:
        word = rest.pop(0)
        option = word.text
        value = rest.pop(0).text if option in _VALUED and rest else ""
        if option == "dev" and value not in interfaces:
            findings.decide(
                statement,
                f"dev {value}: VIPs are on the router's own interface here, {interfaces[0] or 'if any'}",
            )
        elif option in _NOT_NEEDED:
            findings.dropped(word, f"{_NOT_NEEDED[option]} ({statement.keyword})")
        elif option in ("peer", "vrf", "use_vmac"):
            findings.decide(statement, f"{option} of an address has no equal here")
        elif _MASK.fullmatch(option):
            findings.decide(
                statement, f"{option} is left out: write its length behind the address, as in /24"
            )
        elif address(word) is not None:
            findings.decide(
                statement, f"{option} stands in the line of another address: write one address a line"
            )
        elif option != "dev":
            findings.decide(word, f"is no option of an address that the import knows ({statement.keyword})")
