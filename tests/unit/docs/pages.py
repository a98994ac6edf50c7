"""The pages for readers: README, changelog and everything in docs/, with what can be looked for in them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
_LINK: Final = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_IMAGE: Final = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
_FENCE: Final = re.compile(r"^\s*```.*?^\s*```", re.MULTILINE | re.DOTALL)
_SPAN: Final = re.compile(r"`([^`\n]+)`")
_HEADING: Final = re.compile(r"^#{1,6} (.*)$", re.MULTILINE)


def pages() -> list[Path]:
    """Every page, as a path below the repository."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    return sorted(page.relative_to(ROOT) for page in found)


def text_of(page: Path) -> str:
    """The whole text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """The text without its blocks of code."""
    return _FENCE.sub("", text)


def code(text: str) -> Iterator[str]:
    """Each block and each span of code."""
    yield from (match.group() for match in _FENCE.finditer(text))
    yield from _SPAN.findall(prose(text))


def links(text: str) -> list[str]:
    """The targets of links and pictures, as they are written."""
    plain = prose(text)
    return [*_LINK.findall(plain), *_IMAGE.findall(plain)]


def anchors(text: str) -> set[str]:
    """The names by which headings can be linked to, by GitHub's rule; a repeated one gets a number."""
    names: set[str] = set()
    for heading in _HEADING.findall(prose(text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower().strip()
        name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        again = sum(
            name == known or re.fullmatch(rf"{re.escape(name)}-\d+", known) is not None for known in names
        )
        names.add(f"{name}-{again}" if again else name)
    return names
