"""The columns of every table of a page. Pure.

On a narrow screen a row is a list, and the style says before each cell what it is. It knows that from here,
so that no cell has to carry it: a page is mostly cells.
"""

from collections.abc import Mapping
from typing import Final

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "vips": ("VIP", "router", "state", "device", "answers", "elsewhere"),
    "checks": ("check", "kind", "result", "since", "last"),
    "pool": ("server", "result", "traffic", "since", "last"),
    "events": ("when", "concerns", "what", "cause", "after"),
    "alerts": ("alert", "severity", "about", "fires", "runbook"),
    "routers": ("verdict", "where", "router", "VIP", "because", "hosts"),
    "unreadable": ("why", "host"),
}
"""By the kind of a table. `routers` and `unreadable` are those of a fleet."""


OURS: Final[Mapping[str, tuple[str, ...]]] = {
    "vips": ("state",),
    "checks": ("kind", "result", "since"),
    "pool": ("result", "traffic", "since"),
    "events": ("when",),
    "alerts": ("severity",),
    "routers": ("verdict",),
}
"""Columns whose words are this program's. They stay whole, however long the cell beside them is."""


def words() -> str:
    """Return the rule of the style that keeps those words whole."""
    cells = ",".join(
        f".{kind} td:nth-child({COLUMNS[kind].index(column) + 1})"
        for kind, columns in OURS.items()
        for column in columns
    )
    return f"{cells}{{overflow-wrap:normal}}"


def labels() -> str:
    """Return the rules of the style that name the cells."""
    return "".join(
        f".{kind} td:nth-child({number})::before{{content:'{column}'}}"
        for kind, columns in COLUMNS.items()
        for number, column in enumerate(columns, 1)
    )
