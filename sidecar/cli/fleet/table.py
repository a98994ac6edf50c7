"""The verdicts as a table, worst first, one line a virtual router, and as JSON. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sidecar.cli.fleet.poll import Answer
from sidecar.cli.fleet.verdicts import Judged
from sidecar.cli.fleet.word import Word

_SIGNS: Final = {0: "✓", 1: "!", 2: "✗", 3: "?"}
_COLOURS: Final = {0: "\x1b[32m", 1: "\x1b[33m", 2: "\x1b[31m", 3: "\x1b[31m"}
_PLAIN: Final = "\x1b[0m"
_SHOWN: Final = 2
"""Addresses of a router that are named; of further ones the number."""


def render(
    judged: Sequence[Judged], answers: Sequence[Answer], seconds: float | None = None, *, colors: bool
) -> str:
    """Return the table with its last newline; `seconds` is how long asking took, None: it goes on."""
    rows = [(place(each), router(each), addresses(each), each.word.text) for each in judged]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        f"{_sign(each, colors=colors)} "
        + " ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width)
        + f"  {each.sentence}"
        for each, row in zip(judged, rows, strict=True)
    ]
    return "\n".join((*lines, _summary(judged, answers, seconds))) + "\n"


def document(judged: Iterable[Judged]) -> list[dict[str, Any]]:
    """Return the same for programs. `vrid` is null where every host is unreadable."""
    return [
        {
            "site": each.site,
            "cluster": each.cluster,
            "router": each.name,
            "vrid": each.vrid,
            "addresses": [str(address) for address in each.addresses],
            "verdict": each.word.text,
            "detail": each.sentence,
            "hosts": list(each.hosts),
        }
        for each in judged
    ]


def _sign(judged: Judged, *, colors: bool) -> str:
    code = judged.word.code
    return f"{_COLOURS[code]}{_SIGNS[code]}{_PLAIN}" if colors else _SIGNS[code]


def place(judged: Judged) -> str:
    """Return the labels of a router."""
    return "/".join(part for part in (judged.site, judged.cluster) if part)


def router(judged: Judged) -> str:
    """Return its name and its VRID."""
    return judged.name if judged.vrid is None else f"{judged.name} {judged.vrid}"


def addresses(judged: Judged) -> str:
    """Return its VIPs, or the first of them."""
    rest = len(judged.addresses) - _SHOWN
    return " ".join(map(str, judged.addresses[:_SHOWN])) + (f" +{rest}" if rest > 0 else "")


def counted(judged: Sequence[Judged], answers: Sequence[Answer], took: str = "") -> str:
    """Return the sentence about all of them."""
    well = sum(each.word >= Word.MOVED for each in judged)
    read = [answer for answer in answers if answer.told is not None]
    return (
        f"{well} of {len(judged)} routers served with a standby · "
        f"{len(read)} of {len(answers)} hosts read{took}" + "".join(_versions(read))
    )


def _summary(judged: Sequence[Judged], answers: Sequence[Answer], seconds: float | None) -> str:
    return counted(judged, answers, "" if seconds is None else f" in {seconds:.1f} s")


def _versions(read: list[Answer]) -> Iterator[str]:
    """Yield the versions, if there is more than one, and who has the rare ones."""
    versions = Counter(answer.told.version for answer in read if answer.told is not None)
    if len(versions) > 1:
        told = ", ".join(f"{version}: {number}" for version, number in versions.most_common(4))
        yield f" · {len(versions)} versions ({told})"
