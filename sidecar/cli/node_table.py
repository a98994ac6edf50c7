"""The other hosts in the table of `status`. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from sidecar.cli.table_text import BOLD, PLAIN, RED, STATE_COLOURS, YELLOW
from sidecar.telemetry.document import Node, NodeRouter
from sidecar.telemetry.plain_words import duration, excerpt, printable, short

_ROWS: Final = 4
"""Virtual routers of a host that have a row each. More are counted."""
_ROOM: Final = 63


def lines(nodes: Sequence[Node]) -> Iterator[str]:
    """Yield the table, a row for each host and virtual router."""
    yield f"{'NODE':<16} {'STATE':<24} {'PRIORITY':<12} {'CONFIG':<9} READ"
    for node in nodes:
        yield from _node(node)


def _node(node: Node) -> Iterator[str]:
    name = short(printable(node["node"] or node["url"]), 16)
    if node["fault"] is not None:
        age = node["age_seconds"]
        last = "never read" if age is None else f"last read {duration(age)} ago"
        text = excerpt(printable(f"{last}: {node['fault']}"), _ROOM)
        yield f"{name:<16} {RED}{text}{PLAIN}"
        return
    config = "same" if node["same_config"] else f"{YELLOW}differs{PLAIN}  "
    read = f"{duration(node['age_seconds'] or 0.0)} ago, {printable(node['version'] or '')}"
    for row in _states(node["virtual_routers"]):
        yield f"{name:<16} {row} {config:<9} {read}"
        name = config = read = ""
    if drained := node.get("drained"):
        yield f"{'':<16} {YELLOW}{short(printable(drained), _ROOM)}{PLAIN}"


def _states(routers: Sequence[NodeRouter]) -> Iterator[str]:
    if len(routers) > _ROWS:
        counts = Counter(router["state"] for router in routers)
        text = ", ".join(f"{number} {state}" for state, number in counts.most_common())
        yield f"{short(text, 24):<24} {'':<12}"
        return
    for router in routers:
        colour = STATE_COLOURS.get(router["state"], BOLD)
        state = f"{short(printable(router['name']), 16)} {colour}{router['state']}{PLAIN}"
        room = 24 + len(colour) + len(PLAIN)
        own, now = router["priority"]["configured"], router["priority"]["effective"]
        priority = f"{own}" if own == now else f"{own}, now {now}"
        yield f"{state:<{room}} {priority:<12}"
