"""The tables of docs/migrate.md: `python -m sidecar.migrate.reference` renews what is between its marks."""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sidecar.config.keepalived_words import OF_CHECK, OF_FILE, OF_POOL, OF_ROUTER, Word
from sidecar.migrate.finding import Verdict
from sidecar.migrate.rule import Rule
from sidecar.migrate.rules_file import FILE, GLOBAL
from sidecar.migrate.rules_instance import AUTHENTICATION, FLAG, GROUP, HMAC, INSTANCE, PROCESS, SCRIPT
from sidecar.migrate.rules_server import CHECKER, REAL_SERVER, URL, VIRTUAL_SERVER

BLOCKS: Final[tuple[tuple[str, Mapping[str, Rule[Any]], Mapping[str, Word]], ...]] = (
    ("The file", FILE, OF_FILE),
    ("`global_defs`", GLOBAL, OF_FILE),
    ("`vrrp_instance`", INSTANCE, OF_ROUTER),
    ("`authentication`", AUTHENTICATION, OF_ROUTER),
    ("`auth_hmac`", HMAC, OF_ROUTER),
    ("`vrrp_sync_group`", GROUP, OF_ROUTER),
    ("`vrrp_script`", SCRIPT, OF_CHECK),
    ("`vrrp_track_process`", PROCESS, OF_CHECK),
    ("`vrrp_track_file`", FLAG, OF_CHECK),
    ("`virtual_server`", VIRTUAL_SERVER, OF_POOL),
    ("`real_server`", REAL_SERVER, OF_POOL),
    ("A checker", CHECKER, OF_POOL),
    ("`url`", URL, OF_POOL),
)
"""Each block of keepalived.conf: its rules, and the table that says which key of ours a word is."""

BEGIN: Final = "<!-- made by `python -m sidecar.migrate.reference`: begin -->"
END: Final = "<!-- made by `python -m sidecar.migrate.reference`: end -->"


def ours(word: str, rule: Rule[Any], known: Mapping[str, Word]) -> str:
    """Return the path of our key for a keyword; "" if there is none."""
    if rule.ours or rule.verdict in (Verdict.DROPPED, Verdict.DECIDE):
        return rule.ours
    return known[word].ours if word in known else ""


def render() -> str:
    """Return all tables."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    for title, rules, known in BLOCKS:
        yield f"\n### {title}\n"
        yield "| keepalived | becomes | |\n|---|---|---|"
        by_answer: dict[tuple[str, str, str], list[str]] = {}
        for word, rule in rules.items():
            answer = (str(rule.verdict), ours(word, rule, known), rule.note)
            by_answer.setdefault(answer, []).append(f"`{word}`")
        for (verdict, key, note), words in by_answer.items():
            becomes = f"`{key}`" if key else f"*{verdict}*"
            said = f"*approximated*: {note}" if key and verdict == Verdict.APPROXIMATED else note
            yield f"| {', '.join(words)} | {becomes} | {said.replace('|', chr(92) + '|')} |"


def renewed(text: str) -> str:
    """Return the document with the tables of today."""
    return re.sub(
        f"{re.escape(BEGIN)}.*{re.escape(END)}",
        lambda _: f"{BEGIN}\n{render()}\n\n{END}",
        text,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    document = Path(sys.argv[1])
    document.write_text(renewed(document.read_text(encoding="utf-8")), encoding="utf-8")
