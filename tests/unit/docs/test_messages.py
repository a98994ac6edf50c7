"""docs/troubleshooting.md quotes messages as they are said."""

import ast
import re
from functools import cache
from pathlib import Path

from sidecar.core.state import Reason
from tests.unit.docs.pages import ROOT, text_of

PAGE = Path("docs/troubleshooting.md")
SHORTEST = 6
"""Letters of a part that is looked for: shorter ones are in every program."""


@cache
def texts() -> str:
    """All texts of the code, each on lines of its own, without what is filled in."""
    constants = []
    for file in (ROOT / "sidecar").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        constants += [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
    return "\n".join(constants)


def quotations() -> list[str]:
    """The messages in the first column of the tables about status and log."""
    rows = [line.split(" | ")[0] for line in text_of(PAGE).splitlines() if line.startswith("| ")]
    found = [quote for row in rows for quote in re.findall(r"`([^`]+)`", row)]
    return [quote for quote in found if " " in quote and not quote.startswith(("arping", "curl", "docker"))]


def parts(quote: str) -> list[str]:
    """The parts of a quotation that are the same each time."""
    quote = re.sub(r"/run/\S+|\b(?:NET_ADMIN|NET_RAW|eth0|lo|\d+)\b", "...", quote)
    return [part.strip(" :,") for part in quote.split("...") if len(part.strip(" :,")) >= SHORTEST]


def test_each_message_is_said_by_the_code() -> None:
    missing = [(quote, part) for quote in quotations() for part in parts(quote) if part not in texts()]
    assert not missing
    assert len(quotations()) > len(Reason)
