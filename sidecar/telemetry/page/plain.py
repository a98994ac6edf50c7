"""The page as text, for lynx and curl. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from sidecar.telemetry.page.model import Card, Fact, Page, Row, Table, Timeline
from sidecar.telemetry.plain_words import wrapped

_WIDTH: Final = 100
_LABEL: Final = 10


def plain(page: Page) -> str:
    """Return the text, with its last newline. The first line is the verdict."""
    return "\n".join(line.rstrip() for line in _lines(page)) + "\n"


def _lines(page: Page) -> Iterator[str]:
    head = page.banner
    yield f"{head.tone.symbol} {head.node}: {head.sentence}"
    for reason in head.reasons:
        yield from _wrapped("  ! ", reason)
    if head.clock:
        yield f"  {head.clock}"
    for card in page.cards:
        yield ""
        yield from _card(card)
    if page.timeline is not None:
        yield ""
        yield from _timeline(page.timeline)
    for table in page.tables:
        yield ""
        yield from _table(table)
    if page.commands:
        yield ""
        yield "Commands"
        width = max(len(command.text) for command in page.commands)
        for command in page.commands:
            yield f"  {command.text:<{width}}  # {command.does}"


def _card(card: Card) -> Iterator[str]:
    yield f"{card.tone.symbol} {card.name} ({card.note})"
    yield from _facts(card.facts, 2)
    for router in card.routers:
        yield f"  {router.tone.symbol} {router.name} {router.state}"
        yield from _facts(router.facts, 4)
    if card.more:
        yield f"  {card.more}"


def _timeline(timeline: Timeline) -> Iterator[str]:
    begin, middle, end = timeline.ticks
    width = max(len(course.name) for course in timeline.courses) if timeline.courses else 0
    room = max(len(course.letters) for course in timeline.courses) if timeline.courses else 0
    yield f"{timeline.title} (# this host, - another one or nobody, x this host could not)"
    for course in timeline.courses:
        yield f"  {course.name:<{width}}  {course.letters}  {course.sentence}"
    yield f"  {'':<{width}}  {begin}{middle:^{max(0, room - len(begin) - len(end))}}{end}"
    if timeline.more:
        yield f"  {timeline.more}"


def _facts(facts: Sequence[Fact], indent: int) -> Iterator[str]:
    for fact in facts:
        yield from _wrapped(f"{'':<{indent}}{fact.label:<{_LABEL}} ", fact.text)


def _table(table: Table) -> Iterator[str]:
    yield table.title
    if table.rows:
        # The last column is the longest, and nothing stands behind it.
        columns = list(zip(table.heads, *(row.cells for row in table.rows), strict=True))
        widths = [max(map(len, column)) for column in columns[:-1]]
        yield f"    {_joined(table.heads, widths)}"
        yield from (_row(row, widths) for row in table.rows)
    if table.note:
        yield from _wrapped("  ", table.note)


def _row(row: Row, widths: list[int]) -> str:
    return f"  {row.tone.symbol} {_joined(row.cells, widths)}"


def _joined(cells: Sequence[str], widths: list[int]) -> str:
    padded = [f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=False)]
    return "  ".join([*padded, cells[-1]])


def _wrapped(head: str, text: str) -> Iterator[str]:
    yield from wrapped(text, _WIDTH, head, " " * len(head))
