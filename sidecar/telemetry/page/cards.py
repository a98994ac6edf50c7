"""A card for each host: what it does, why, and what comes next. Pure."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from sidecar.telemetry import verdict_router
from sidecar.telemetry.document import Node, NodeRouter, Router, Status
from sidecar.telemetry.page.model import LONGEST, Card, Fact, RouterLine, Tone
from sidecar.telemetry.page.split import second_holders
from sidecar.telemetry.plain_words import excerpt, moment, printable, roughly

MOST_ROUTERS: Final = 12
"""Virtual routers that have a line on a card. The worst are first; the others are counted."""
MOST_CARDS: Final = 12
_RECENT: Final = 2.0
"""Seconds after which it is worth saying when an advert was heard."""
_TONES: Final = {"MASTER": Tone.WELL, "BACKUP": Tone.WELL, "INIT": Tone.LOOK, "FAULT": Tone.BAD}


def cards(status: Status, tone: Tone) -> tuple[Card, ...]:
    """Return the card of this host, whose verdict has that tone, and those of the others, worst first."""
    others = [_node(node, status) for node in status["nodes"]]
    others.sort(key=lambda card: card.tone.rank)
    own = _own(status, tone)
    if not others:
        return (own, _unknown(status))
    return (own, *others[: MOST_CARDS - 1])


def _own(status: Status, tone: Tone) -> Card:
    routers = [_router(router, status) for router in status["virtual_routers"]]
    facts = [Fact("up", f"{roughly(status['uptime_seconds'])}, version {status['version']}")]
    facts.append(Fact("config", status["config_hash"][:12] or "unknown"))
    if drain := status["drain"]:
        facts.insert(0, Fact("drain", _said(drain["why"]), Tone.LOOK))
    shown, more = _fitting(routers)
    return Card(printable(status["node"]), "this host", tone, tuple(facts), shown, more)


def _unknown(status: Status) -> Card:
    """Return the card of those who are not asked. A standby is silent in VRRP: it must not look well."""
    facts = []
    heard = {
        router["master"]["source"]: router["master"]["priority"]
        for router in status["virtual_routers"]
        if router["master"] is not None and router["state"] != "MASTER"
    }
    for source, priority in sorted(heard.items())[:MOST_CARDS]:
        facts.append(Fact("heard", f"{source} serves with priority {priority}"))
    facts.append(Fact("standby", "says nothing in VRRP; with `nodes:` in the file it is shown here"))
    return Card("other hosts", "not asked", Tone.IDLE, tuple(facts))


def _fitting(routers: list[RouterLine]) -> tuple[tuple[RouterLine, ...], str]:
    routers.sort(key=lambda line: line.tone.rank)
    left = Counter(line.state for line in routers[MOST_ROUTERS:])
    more = ", ".join(f"{number} more {state}" for state, number in left.most_common())
    return tuple(routers[:MOST_ROUTERS]), more


def _router(router: Router, status: Status) -> RouterLine:
    state = router["state"]
    overheard = [each["fault"] for each in status["lan_findings"] if each["router"] == router["name"]]
    tones = [_TONES.get(state, Tone.LOOK)]
    # The verdict counts for the whole host; what it says of this router is the tone of this line.
    if any(overheard) or any(verdict_router.faults(router, status)) or _twice(router, status):
        tones.append(Tone.BAD)
    elif overheard or any(verdict_router.worries(router, status)):
        tones.append(Tone.LOOK)
    worst = min(tones, key=lambda tone: tone.rank)
    return RouterLine(printable(router["name"]), state, worst, tuple(_facts(router, status["at"])))


def _twice(router: Router, status: Status) -> bool:
    """Whether a VIP of it is here and on another host, for longer than a move takes."""
    owned = {vip["address"].partition("/")[0] for vip in router["addresses"] if vip["owned"]}
    holders = second_holders(status)
    return any(
        not owned.isdisjoint(each["owned"])
        for node in status["nodes"]
        if node["url"] in holders
        for each in node["virtual_routers"]
    )


def _facts(router: Router, now: float) -> Iterator[Fact]:
    held = f"{roughly(now - router['since'])}, since {moment(router['since'], now)}"
    yield Fact("for", held)
    # In FAULT the cause holds now; else it is that of the last change, which may be long over.
    yield Fact("why" if router["state"] == "FAULT" else "changed", _said(router["reason"]))
    yield Fact("next", _said(router["next"]["sentence"]))
    priority = router["priority"]
    own, effective = priority["configured"], priority["effective"]
    yield Fact("priority", f"{own}" if own == effective else f"{own}, now {effective}")
    yield Fact("master", _master(router))
    yield Fact(
        "VRRP", f"VRID {router['vrid']}, version {router['version']}, {router['mode']}, {_where(router)}"
    )
    if left := router["hold_down_seconds"]:
        yield Fact("held down", f"until {moment(now + left, now)}: it failed too often", Tone.LOOK)
    if router["cannot_send"]:
        yield Fact("not heard", _said(router["cannot_send"]), Tone.BAD)


def _where(router: Router) -> str:
    interface, device = router["interface"], router["device"]
    return printable(interface if device in (None, interface) else f"{interface} ({device})")


def _master(router: Router) -> str:
    master = router["master"]
    if master is None:
        return "none known"
    if router["state"] == "MASTER":
        return f"this host, as {master['source']}"
    age = master["last_advert_age_seconds"]
    silent = (
        f", silent for {age:.0f} s" if age > max(_RECENT, router["master_down_interval_seconds"] / 2) else ""
    )
    return f"{master['source']} with priority {master['priority']}{silent}"


def _node(node: Node, status: Status) -> Card:
    name = _said(node["node"] or node["url"])
    age = node["age_seconds"]
    if node["fault"] is not None:
        last = "never read" if age is None else f"last read {roughly(age)} ago"
        facts = (Fact("unreadable", _said(f"{last}: {node['fault']}"), Tone.BAD),)
        note = "name unknown" if node["node"] is None else _said(node["url"])
        return Card(name, note, Tone.BAD, facts)
    drained = node["drained"]
    twice = node["url"] in second_holders(status)
    lines = [
        _node_router(router, drained=drained is not None, twice=twice) for router in node["virtual_routers"]
    ]
    shown, more = _fitting(lines)
    same = bool(node["same_config"])
    config = Fact(
        "config", "the same" if same else "differs from that of this host", Tone.IDLE if same else Tone.LOOK
    )
    findings = [each for each in status["node_findings"] if each["url"] == node["url"]]
    told = tuple(
        Fact("look", _said(each["sentence"]), Tone.BAD if each["fault"] else Tone.LOOK) for each in findings
    )
    if drained is not None:
        told = (Fact("drain", _said(drained), Tone.LOOK), *told)
    tones = [line.tone for line in lines] + [
        fact.tone for fact in (*told, config) if fact.tone is not Tone.IDLE
    ]
    worst = min(tones, key=lambda tone: tone.rank, default=Tone.LOOK)
    version = Fact("version", _said(node["version"] or "unknown"))
    return Card(name, _said(node["url"]), worst, (*told, version, config), shown, more)


def _node_router(router: NodeRouter, *, drained: bool, twice: bool) -> RouterLine:
    tone = _TONES.get(router["state"], Tone.LOOK)
    own, effective = router["priority"]["configured"], router["priority"]["effective"]
    facts = [Fact("priority", f"{own}" if own == effective else f"{own}, now {effective}")]
    if not router["fit"]:
        tone = Tone.LOOK if tone is Tone.WELL else tone
        if not drained:
            facts.append(Fact("fit", "no: a check that it needs is down", Tone.LOOK))
    if router["owned"]:
        tone = Tone.BAD if twice else tone
        more = "" if len(router["owned"]) == 1 else f" and {len(router['owned']) - 1} more"
        facts.append(Fact("has", f"{router['owned'][0]}{more}"))
    return RouterLine(_said(router["name"]), router["state"], tone, tuple(facts))


def _said(text: str) -> str:
    return excerpt(printable(text), LONGEST)
