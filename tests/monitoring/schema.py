"""Whether every field of the dashboard is one that Grafana's own types have.

`python -m tests.monitoring.schema`, where grafana-foundation-sdk is installed, which is no dependency of the
project: the types read the dashboard and write it again. What they do not know is lost, and printed.
"""

import importlib
import json
import sys
from collections.abc import Iterator
from typing import Any, Final

from tests.monitoring.promtool import DASHBOARD

KNOWN: Final = {
    "annotations/list/titleFormat",
    "annotations/list/textFormat",
    "templating/list/definition",
}
"""Fields beyond the types: two of annotations from Prometheus, and one that Grafana writes itself."""


def lost(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """Yield the places at which something is not there afterwards, or is another value."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in before.items():
            path = f"{where}/{name}".removeprefix("/")
            if name in after:
                yield from lost(value, after[name], path)
            else:
                yield path
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for one, other in zip(before, after, strict=True):
            yield from lost(one, other, where)
    elif before != after:
        yield where


def main() -> int:
    """Print what is lost. The exit code is 1 if that is more than is known."""
    sdk = "grafana_foundation_sdk"
    types = importlib.import_module(f"{sdk}.models.dashboard")
    importlib.import_module(f"{sdk}.cog.plugins").register_default_plugins()
    encoder = importlib.import_module(f"{sdk}.cog.encoder").JSONEncoder()
    before = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    found = set(lost(before, json.loads(encoder.encode(types.Dashboard.from_json(before)))))
    sys.stdout.writelines(f"{place}\n" for place in sorted(found))
    return int(not found <= KNOWN)


if __name__ == "__main__":
    sys.exit(main())
