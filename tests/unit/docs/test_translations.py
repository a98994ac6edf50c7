"""A page in Chinese has the commands, outputs and examples of the page in English, and the same sections."""

import re
from pathlib import Path

import pytest

from tests.unit.docs.pages import ROOT, text_of

TRANSLATED = sorted(file.relative_to(ROOT) for file in (ROOT / "docs" / "zh").glob("*.md"))
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
DEPTH = re.compile(r"^(#+) ", re.MULTILINE)


def test_there_are_the_pages_that_are_promised() -> None:
    assert {page.name for page in TRANSLATED} >= {"tutorial.md", "hosts.md"}


@pytest.mark.parametrize("page", TRANSLATED, ids=str)
def test_blocks_sections_and_tables_are_those_of_the_english_page(page: Path) -> None:
    here, there = text_of(page), text_of(Path("docs") / page.name)
    assert BLOCK.findall(here) == BLOCK.findall(there)
    assert DEPTH.findall(BLOCK.sub("", here)) == DEPTH.findall(BLOCK.sub("", there))
    assert here.count("\n|") == there.count("\n|")


@pytest.mark.parametrize("page", TRANSLATED, ids=str)
def test_each_language_leads_to_the_other(page: Path) -> None:
    assert f"](../{page.name})" in text_of(page)
    assert f"](zh/{page.name})" in text_of(Path("docs") / page.name)
