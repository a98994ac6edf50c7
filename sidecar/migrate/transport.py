"""How the adverts of an instance travel: version, interval, to whom, and with which proof."""

from decimal import ROUND_HALF_UP, Decimal
from ipaddress import ip_address
from typing import Final

from sidecar.migrate.draft import Draft
from sidecar.migrate.entries import Entry
from sidecar.migrate.fact import BEHIND, Fact, duration, said, seconds, switch, text, whole
from sidecar.migrate.finding import Findings
from sidecar.migrate.place import Place
from sidecar.migrate.tree import Statement

V2, V3 = 2, 3
IPV4, IPV6 = 4, 6
_TTL: Final = 255
_IPV6_UNICAST_TTL: Final = 64
_LONGEST_V2, _LONGEST_V3 = Decimal(255), Decimal("40.95")
_CENTISECOND: Final = Decimal("0.01")
_NOBODY: Final = "names no peer that can be used, so keepalived uses multicast, and so does this"


def version(draft: Draft, global_defs: Draft, family: int, entry: Entry, findings: Findings) -> int:
    """Put the version that keepalived speaks, and return it."""
    own, general = draft.said.get("version"), global_defs.said.get("vrrp_version")
    for statement in (own, general):
        given = whole(statement, V2, V3, findings) if statement else None
        if statement is None or given is None:
            continue
        if family == IPV6 and given.value == V2:
            _version_2_of_ipv6(draft, statement, findings)
            continue
        if family == IPV6:
            entry.put("version", V3, given.place)
        else:
            entry.put("version", given.value, given.place)
        if statement is own or own is None:
            findings.mapped(statement, f"version: {given.value}")
        return V3 if family == IPV6 else given.value
    if family == IPV6:
        return V3
    entry.put("version", V2, note="keepalived's default")
    return V2


def _version_2_of_ipv6(draft: Draft, statement: Statement, findings: Findings) -> None:
    """Tell what keepalived makes of version 2 for IPv6: it counts if it is said before the first address."""
    keywords = [each.keyword for each in draft.opening.body]
    own = statement is draft.said.get("version")
    if own and keywords.index("version") < keywords.index("virtual_ipaddress"):
        text = (
            "keepalived sends version 2 over IPv6, which no RFC has; this sends version 3: move both at once"
        )
        findings.decide(statement, text)
    else:
        findings.dropped(statement, "keepalived does not use it for IPv6, which is version 3")


def interval(draft: Draft, spoken: int, entry: Entry, findings: Findings) -> None:
    """Put the advert interval as keepalived rounds it."""
    statement = draft.said.get("advert_int")
    given = seconds(statement, findings) if statement else None
    if statement is None or given is None:
        return
    if not _CENTISECOND <= given.value <= _LONGEST_V2:
        findings.decide(
            statement, "out of 0.01 to 255 s: keepalived ignores it and takes 1 s, and so does this"
        )
        return
    if spoken == V2:
        used = min(max(given.value.to_integral_value(ROUND_HALF_UP), Decimal(1)), _LONGEST_V2)
    else:
        used = min(max(given.value.quantize(_CENTISECOND, ROUND_HALF_UP), _CENTISECOND), _LONGEST_V3)
    entry.put("advert_interval", duration(used), given.place)
    if used != given.value:
        findings.approximated(statement, f"advert_interval: {duration(used)}, what version {spoken} can say")
    else:
        findings.mapped(statement, f"advert_interval: {duration(used)}")


def checksum(
    draft: Draft, global_defs: Draft, spoken: int, family: int, entry: Entry, findings: Findings
) -> None:
    """Put whether the checksum has the pseudo-header."""
    own, general = draft.said.get("v3_checksum_as_v2"), global_defs.said.get("v3_checksum_as_v2")
    given = switch(own, findings) if own else None
    statement = own
    if given is None and general is not None:
        # keepalived reads nothing behind the word of global_defs.
        statement, given = general, Fact(value=True, place=general.place)
    if statement is None or given is None:
        return
    if (spoken, family) == (V3, IPV4) and given.value:
        entry.put("v4_pseudo_header", False, given.place)
        findings.mapped(statement, "v4_pseudo_header: false")
    elif statement is own:
        no = "without effect here: only version 3 over IPv4 has two checksums"
        findings.dropped(statement, no if given.value else "with the pseudo-header, which is the default")


def destination(draft: Draft, family: int, entry: Entry, findings: Findings) -> None:
    """Put from where and to whom the adverts go."""
    peers, ttls = _peers(draft, family, findings)
    source = _source(draft, "unicast_src_ip", family, findings)
    multicast = _source(draft, "mcast_src_ip", family, findings)
    if not peers:
        if "unicast_peer" in draft.said:
            findings.decide(draft.said["unicast_peer"], _NOBODY)
        if "unicast_ttl" in draft.said:
            text = (
                "without a peer keepalived sends adverts of TTL 0, which leave no host; these are multicast"
            )
            findings.decide(draft.said["unicast_ttl"], text)
        for keyword, given in (("unicast_src_ip", source), ("mcast_src_ip", multicast)):
            if given is not None:
                entry.put("source", given.value, given.place)
                findings.mapped(draft.said[keyword], f"source: {given.value}")
        return
    if multicast is not None:
        findings.dropped(draft.said["mcast_src_ip"], "adverts are unicast")
    if source is not None:
        entry.put("unicast.source", source.value, source.place)
        findings.mapped(draft.said["unicast_src_ip"], f"unicast.source: {source.value}")
    entry.put("unicast.peers", tuple(peer.value for peer in peers), *(peer.place for peer in peers))
    findings.mapped(draft.said["unicast_peer"], "unicast.peers")
    _least_ttl(draft, family, ttls, entry, findings)


def _peers(draft: Draft, family: int, findings: Findings) -> tuple[list[Fact[str]], list[int]]:
    found: list[Fact[str]] = []
    ttls: list[int] = []
    for statement in draft.words_of("unicast_peer"):
        word = statement.words[0]
        peer = _without_mask(word.text, family)
        if peer is None:
            findings.decide(statement, f"{said(word)} is no IPv{family} address of a peer; correct it")
            continue
        found.append(Fact(peer, word.place))
        options = [each.text for each in statement.values]
        if len(options) % 2:
            findings.decide(statement.values[-1], BEHIND)
        for name, value in zip(options[::2], options[1::2], strict=False):
            if name == "min_ttl" and value.isdecimal() and 1 <= int(value) <= _TTL:
                ttls.append(int(value))
                findings.mapped(statement, "unicast.min_ttl, the least of all peers")
            elif name == "max_ttl":
                findings.dropped(statement, "a TTL has no upper bound here")
            else:
                findings.decide(statement, f"{name} {value} is not understood here")
    return found, ttls


def _source(draft: Draft, keyword: str, family: int, findings: Findings) -> Fact[str] | None:
    statement = draft.said.get(keyword)
    given = text(statement, findings) if statement else None
    if statement is None or given is None:
        return None
    parsed = _without_mask(given.value, family)
    if parsed is None:
        findings.decide(statement, f"{said(statement.values[0])} is no IPv{family} address; correct it")
        return None
    return Fact(parsed, given.place)


def _without_mask(given: str, family: int) -> str | None:
    """Return the address of a host, without the range or mask behind it, which keepalived cuts off too."""
    text = given.partition("-")[0].partition("/")[0]
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    return None if parsed.version != family or "%" in text else str(parsed)


def _least_ttl(draft: Draft, family: int, ttls: list[int], entry: Entry, findings: Findings) -> None:
    """Put the least TTL of the peers' adverts: keepalived sends IPv6 unicast with 64 unless it is told."""
    statement = draft.said.get("unicast_ttl")
    sent = whole(statement, 1, _TTL, findings) if statement else None
    origins: list[Place] = [] if sent is None else [sent.place]
    least = min([*ttls, *([sent.value] if sent else [])], default=_TTL)
    note = ""
    if sent is None and family == IPV6 and not ttls:
        least, note = _IPV6_UNICAST_TTL, "what keepalived sends unless unicast_ttl says 255"
    if statement is not None and sent is not None:
        findings.approximated(statement, f"ours sends 255, and takes what arrives with {least} or more")
    if least < _TTL:
        entry.put("unicast.min_ttl", least, *origins, note=note)
