"""The plan of a reload as JSON: changes, what stays although a file was changed, warnings, or the mistakes.

The router passes it on and reads nothing of it. It is cut to what one message can hold.
"""

import json
from typing import Any, Final

from sidecar.channel.reload import TOLD
from sidecar.plan.changes.change import as_data
from sidecar.plan.changes.comparison import compare
from sidecar.plan.changes.surroundings import kept_environment
from sidecar.plan.plan import Plan

_MISTAKES: Final = 16 * 1024
"""Letters of the mistakes at most."""


def told(
    old: Plan | None = None, new: Plan | None = None, mistakes: str = "", warnings: tuple[str, ...] = ()
) -> bytes:
    """Return the document: of two plans and `warnings`, or of the mistakes of a file that is no plan."""
    document: dict[str, Any] = {
        "changes": [],
        "more_changes": 0,
        "environment": "",
        "warnings": [],
        "mistakes": mistakes[:_MISTAKES].splitlines(),
    }
    if old is not None and new is not None:
        document["changes"] = as_data(compare(old, new))
        document["environment"] = kept_environment(new.observer.from_environment)
        document["warnings"] = [*warnings, *new.observer.warnings]
    while len(data := json.dumps(document).encode()) > TOLD.number:
        _shorten(document)
    return data


def _shorten(document: dict[str, Any]) -> None:
    """Leave out the end of the longest part."""
    name = max(("changes", "warnings", "mistakes"), key=lambda part: len(json.dumps(document[part])))
    if len(document[name]) <= 1:
        document["environment"], document[name] = "", []
        return
    kept = len(document[name]) // 2
    if name == "changes":
        document["more_changes"] += len(document[name]) - kept
    document[name] = document[name][:kept]
