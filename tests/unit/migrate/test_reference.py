"""docs/migrate.md is what the rules say, and our keys are said in one place."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sidecar.config.keepalived_words import OF_CHECK, OF_FILE, OF_POOL, OF_ROUTER, Word
from sidecar.migrate.finding import Verdict
from sidecar.migrate.reference import BEGIN, BLOCKS, ours, renewed
from sidecar.migrate.rule import Rule

DOCUMENT = Path(__file__).parents[3] / "docs" / "migrate.md"
RULES = {word for _, rules, _ in BLOCKS for word in rules}
HERE_ALONE = {"dev", "ip_address", "reverse", "misc_path", "real_servers", "include"}
"""Words that are no statement of their own in keepalived.conf, or that the reader of the file has taken."""


def test_the_tables_are_current() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert BEGIN in text
    assert text == renewed(text), "run `python -m sidecar.migrate.reference docs/migrate.md`"


@pytest.mark.parametrize("known", [OF_FILE, OF_ROUTER, OF_CHECK, OF_POOL])
def test_each_word_that_check_config_knows_has_a_rule(known: Mapping[str, Word]) -> None:
    assert known.keys() - RULES - HERE_ALONE == set()


@pytest.mark.parametrize(("title", "rules", "known"), BLOCKS, ids=[title for title, _, _ in BLOCKS])
def test_our_key_is_said_once(title: str, rules: Mapping[str, Rule[Any]], known: Mapping[str, Word]) -> None:
    assert title
    assert not {word for word, rule in rules.items() if rule.ours and word in known and known[word].ours}
    nameless = {w for w, rule in rules.items() if rule.verdict is Verdict.MAPPED and not ours(w, rule, known)}
    assert nameless <= {"global_defs", "active_key"}
    assert all(rule.note for rule in rules.values() if rule.verdict is not Verdict.MAPPED)
