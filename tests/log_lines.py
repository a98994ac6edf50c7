"""The log of a sidecar, read while it is being written."""

import json
from typing import Any


def log_lines(text: str) -> list[dict[str, Any]]:
    """Parse the lines of a log. What a sidecar says before its log begins stands between them.

    A last line without its end is left out: a reader may come between two parts of one write.
    """
    whole = text[: text.rfind("\n") + 1]
    return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
