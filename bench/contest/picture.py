"""The picture of the page: medians and ranges of both contenders on one logarithmic scale, as SVG."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from bench.contest.table import figure
from bench.statistics import Row as Summary

_WIDTH, _LEFT, _RIGHT, _TOP = 860, 300, 120, 54
_BAR, _SPACE = 13, 14
_LEAST, _MOST = 0.001, 10.0
"""Seconds at both ends of the scale."""
_COLOURS = ("#1a7f5a", "#5b6b7b")
_INK, _GRID, _PAPER = "#1f2933", "#d7dde3", "#ffffff"


@dataclass(frozen=True, slots=True)
class Group:
    """Bars that stand together: an event, and what each contender needed (None: not measured)."""

    title: str
    bars: Sequence[Summary | None]


def x(seconds: float) -> float:
    """Return where a time is on the scale; what is beyond an end is there."""
    held = min(max(seconds, _LEAST), _MOST)
    part = math.log10(held / _LEAST) / math.log10(_MOST / _LEAST)
    return round(_LEFT + part * (_WIDTH - _LEFT - _RIGHT), 1)


def svg(title: str, names: Sequence[str], groups: Sequence[Group]) -> str:
    """Return the picture."""
    step = len(names) * _BAR + _SPACE
    height = _TOP + step * len(groups) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"',
        '  font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{height}" fill="{_PAPER}"/>',
        f'<text x="12" y="20" font-size="14" fill="{_INK}">{escape(title)}</text>',
        *_legend(names),
        *_scale(height),
    ]
    for place, group in enumerate(groups):
        top = _TOP + place * step
        parts.append(_text(_LEFT - 10, top + step / 2 - 2, group.title, anchor="end"))
        for number, bar in enumerate(group.bars):
            parts += _bar(top + number * _BAR, bar, _COLOURS[number])
    return "\n".join((*parts, "</svg>")) + "\n"


def _text(left: float, top: float, text: str, *, anchor: str = "start") -> str:
    return f'<text x="{left}" y="{top}" fill="{_INK}" text-anchor="{anchor}">{escape(text)}</text>'


def _legend(names: Sequence[str]) -> list[str]:
    parts, left = [], 12
    for name, colour in zip(names, _COLOURS, strict=False):
        parts.append(f'<rect x="{left}" y="30" width="11" height="11" fill="{colour}"/>')
        parts.append(_text(left + 16, 40, name))
        left += 30 + 7 * len(name)
    return parts


def _scale(height: int) -> list[str]:
    parts = []
    for power in range(-3, 2):
        at, low = x(10.0**power), height - 26
        parts.append(f'<line x1="{at}" y1="{_TOP - 6}" x2="{at}" y2="{low}" stroke="{_GRID}"/>')
        parts.append(_text(at, low + 16, figure(10.0**power, "s"), anchor="middle"))
    return parts


def _bar(top: float, bar: Summary | None, colour: str) -> list[str]:
    middle = top + _BAR / 2
    if bar is None:
        return [_text(_LEFT + 4, middle + 4, "not measured")]
    end, low, high = x(bar.median), x(bar.minimum), x(bar.maximum)
    wide = max(end - _LEFT, 1)
    return [
        f'<rect x="{_LEFT}" y="{top + 1}" width="{wide:.1f}" height="{_BAR - 2}" fill="{colour}"/>',
        f'<line x1="{low}" y1="{middle}" x2="{high}" y2="{middle}" stroke="{_INK}"/>',
        _text(max(end, high) + 6, middle + 4, figure(bar.median, "s")),
    ]
