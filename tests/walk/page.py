"""The commands of a page, in its order: `lb1# command`, and what it must print."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_HEADING: Final = re.compile(r"^#{2,6} (.*)$")
_PROMPT: Final = re.compile(r"^([a-z][a-z0-9-]*)[#$] (.*)$")
_REMARK: Final = re.compile(r"\s{2,}# .*$")
_ANYTHING: Final = "..."
_SPACES: Final = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class Step:
    """One command: the host that the prompt names, the line without its remark, and the lines under it."""

    place: str
    host: str
    line: str
    output: tuple[str, ...]

    def agrees(self, printed: str) -> bool:
        """Say whether this is what the page shows. `...` stands for anything, also for whole lines.

        A command without output on the page may print what it likes. Columns may be wider or narrower.
        """
        if not self.output:
            return True
        wanted = _plain("\n".join(self.output))
        pattern = ".*".join(re.escape(part) for part in wanted.split(_ANYTHING))
        return re.fullmatch(pattern, _plain(printed), re.DOTALL) is not None


def _plain(text: str) -> str:
    return "\n".join(_SPACES.sub(" ", line).rstrip() for line in text.strip().splitlines())


def steps(page: str, heading: str) -> list[Step]:
    """Return the commands under a heading, its subheadings excluded. Raise KeyError if there is none."""
    found: list[Step] = []
    there = False
    for number, text, fenced in _lines(page):
        title = None if fenced else _HEADING.match(text)
        if title:
            there = title.group(1) == heading
        elif there and fenced:
            _read(found, f"{page}:{number}", text)
    if not found:
        raise KeyError(f"{page} has no commands under {heading!r}")
    return found


def headings(page: str) -> list[str]:
    """Return the headings that have commands, in order."""
    found: list[str] = []
    title = ""
    for _, text, fenced in _lines(page):
        heading = None if fenced else _HEADING.match(text)
        if heading:
            title = heading.group(1)
        elif fenced and _PROMPT.match(text) and title not in found:
            found.append(title)
    return found


def _lines(page: str) -> Iterator[tuple[int, str, bool]]:
    """Each line with its number, and whether it is in a block of commands."""
    fence = ""
    for number, text in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), 1):
        if text.lstrip().startswith("```"):
            fence = "" if fence else text.strip().removeprefix("```") or "text"
        else:
            yield number, text, fence == "console"


def _read(found: list[Step], place: str, text: str) -> None:
    prompt = _PROMPT.match(text)
    if prompt:
        found.append(Step(place, prompt.group(1), _REMARK.sub("", prompt.group(2)).strip(), ()))
    elif found and text.strip():
        last = found[-1]
        found[-1] = Step(last.place, last.host, last.line, (*last.output, text))
    elif text.strip():
        raise ValueError(f"{place}: a line before the first prompt, such as `lb1# `: {text!r}")
