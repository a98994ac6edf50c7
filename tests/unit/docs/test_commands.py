"""Each block of commands in a page says which test runs it, or why none does.

`<!-- typed by TEST -->`: the test reads the page and runs the lines as they are. `<!-- run by TEST -->`: it
runs the same commands in words of its own; several tests are joined by `and`. `<!-- not run: REASON -->`.
"""

import re
from pathlib import Path

import pytest

from tests.unit.docs.pages import ROOT, pages, text_of
from tests.walk.page import Step, headings, steps

PAGES = [str(page) for page in pages() if "```console" in text_of(page) and page.parts[:2] != ("docs", "zh")]
"""Those of docs/zh have the blocks of the English ones (test_translations.py)."""
MARK = re.compile(r"<!-- (typed by|run by|not run:) (.+) -->\s*$")
PROMPT = re.compile(r"\s*[a-z0-9-]*[#$] ")
VERB = re.compile(r"(?:vip-sidecar|run --rm sidecar) ([a-z][a-z-]*)")
PLAIN = re.compile(r"```(?!console)[a-z]*$")
TYPED = re.compile(
    r"\s*(?:[a-z][a-z0-9-]*[#$] |\$ |(?:vip-sidecar|docker|make|systemctl|curl|kill|pytest|python3?) [^:=]*$)"
)
WALKED = {
    *(f"tests/netns/test_{name}.py" for name in ("hosts", "operations", "tutorial")),
    "tests/interop/test_migration.py",
}


def marks(page: str) -> list[tuple[int, str, str]]:
    """Each block: its line, and the mark above it, ("", "") if there is none."""
    found = []
    before = ""
    for number, line in enumerate(text_of(Path(page)).splitlines(), 1):
        if line.strip() == "```console":
            mark = MARK.search(before)
            found.append((number, mark[1], mark[2]) if mark else (number, "", ""))
        before = line if line.strip() else before
    return found


def typed_elsewhere(page: str) -> list[str]:
    """Commands in blocks that are not marked as such, where nobody asks for their test."""
    found = []
    fence = ""
    for number, line in enumerate(text_of(Path(page)).splitlines(), 1):
        if line.strip().startswith("```"):
            fence = "" if fence else line.strip()
        elif PLAIN.match(fence) and TYPED.match(line):
            found.append(f"{page}:{number}: {line}")
    return found


@pytest.mark.parametrize("page", [str(page) for page in pages()])
def test_commands_are_in_blocks_of_commands(page: str) -> None:
    assert not typed_elsewhere(page), "write ```console, and above it which test runs it"


@pytest.mark.parametrize("page", PAGES)
def test_each_block_of_commands_has_a_test_or_a_reason(page: str) -> None:
    for number, how, what in marks(page):
        assert how, (
            f"{page}:{number}: write <!-- typed by TEST -->, <!-- run by TEST --> or <!-- not run: WHY -->"
        )
        if how != "not run:":
            missing = [test for test in what.split(" and ") if not (ROOT / test).is_file()]
            assert not missing, f"{page}:{number}: no {missing}"
        if how == "typed by":
            assert Path(page).name in (ROOT / what).read_text(encoding="utf-8"), (
                f"{what} does not read {page}"
            )


@pytest.mark.parametrize("page", PAGES)
def test_a_test_that_runs_commands_knows_their_verbs(page: str) -> None:
    lines = text_of(Path(page)).splitlines()
    for number, how, what in marks(page):
        if how != "run by":
            continue
        end = next(at for at in range(number, len(lines)) if "```" in lines[at])
        typed = [line.partition("  #")[0] for line in lines[number:end] if PROMPT.match(line)]
        runs = {verb for line in typed for verb in VERB.findall(line)}
        texts = [(ROOT / test).read_text(encoding="utf-8") for test in what.split(" and ")]
        words = {word for text in texts for word in re.findall(r"[a-z-]+", text)}
        assert not runs - words, f"{page}:{number}: {what} does not run {runs - words}"


@pytest.mark.parametrize("page", [page for page in PAGES if WALKED & {what for *_, what in marks(page)}])
def test_commands_that_are_typed_have_a_host_each(page: str) -> None:
    for heading in headings(page):
        for step in steps(page, heading):
            assert step.host, step


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        (("ok: a",), "ok: a\n", True),
        (("ok: a",), "ok: b\n", False),
        (("ok: a",), "ok: a\nand more\n", False),
        (("ok: a", "..."), "ok: a\nand more\n", True),
        (("web  VRID 51 ... MASTER for ...",), "web    VRID 51  eth0     MASTER for 3.1s\n", True),
        (("web  VRID 51 ... MASTER for ...",), "web    VRID 51  eth0     BACKUP for 3.1s\n", False),
        (("a.c",), "abc", False),
        ((), "anything", True),
    ],
)
def test_what_is_printed_is_compared_with_what_is_shown(
    shown: tuple[str, ...], printed: str, same: bool
) -> None:
    assert Step("page:1", "lb1", "command", shown).agrees(printed) is same
