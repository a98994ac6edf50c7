"""The fleet as a page: the worst in one sentence, a row for each virtual router with its hosts. Pure."""

from collections.abc import Iterator
from typing import Final

from sidecar.cli import exit_codes
from sidecar.cli.fleet.picture import Picture
from sidecar.cli.fleet.poll import Answer
from sidecar.cli.fleet.table import addresses, counted, place, router
from sidecar.cli.fleet.verdicts import Judged
from sidecar.telemetry.page.model import LONGEST, Banner, Command, Link, Page, Row, Table, Tone, table
from sidecar.telemetry.plain_words import excerpt, moment, printable

TONES: Final = {
    exit_codes.OK: Tone.WELL,
    exit_codes.DEGRADED: Tone.LOOK,
    exit_codes.BROKEN: Tone.BAD,
    exit_codes.UNREACHABLE: Tone.BAD,
}
LINKS: Final = (Link("as JSON", "/fleet.json"),)
_REASONS: Final = 10


def build(picture: Picture) -> Page:
    """Return the page."""
    return Page(_banner(picture), (), tuple(_tables(picture)), _COMMANDS, LINKS)


def _banner(picture: Picture) -> Banner:
    look = [each for each in picture.judged if each.word.code != exit_codes.OK]
    tone = min(
        (TONES[each.word.code] for each in picture.judged), key=lambda tone: tone.rank, default=Tone.BAD
    )
    sentence = counted(picture.judged, picture.answers)
    if look:
        sentence = f"{_said(_line(look[0]))}; {sentence}"
    rest = [_said(_line(each)) for each in look[1:_REASONS]]
    if len(look) > _REASONS:
        rest.append(f"and {len(look) - _REASONS} more")
    return Banner(tone, "fleet", sentence, tuple(rest), f"{moment(picture.at, picture.at)} UTC")


def _line(judged: Judged) -> str:
    return " ".join(filter(None, (place(judged), router(judged), judged.word.text))) + f": {judged.sentence}"


def _tables(picture: Picture) -> Iterator[Table]:
    yield table("routers", "Virtual routers", [_row(each) for each in picture.judged])
    lost = [answer for answer in picture.answers if answer.told is None]
    if lost:
        rows = [Row(Tone.BAD, (_said(each.fault), each.target.address), (_link(each),)) for each in lost]
        yield table("unreadable", "Hosts that cannot be read", rows)


def _row(judged: Judged) -> Row:
    cells = (judged.word.text, place(judged), router(judged), addresses(judged), _said(judged.sentence))
    links = tuple(map(_link, judged.answers))
    return Row(TONES[judged.word.code], (*cells, ", ".join(map(_said, judged.hosts))), links)


def _link(answer: Answer) -> Link:
    """Return the link to the page of a host. It leads where the file says, whatever the host calls itself."""
    return Link(_said(answer.name), f"http://{answer.target.address}/status")


def _said(text: str) -> str:
    return excerpt(printable(text), LONGEST)


_COMMANDS: Final = (
    Command("vip-sidecar fleet -f FILE --watch", "the same on a terminal"),
    Command("vip-sidecar fleet -f FILE", "the same once, with an exit code"),
    Command("vip-sidecar status", "on a host: what it does, and what it knows of the others"),
    Command("vip-sidecar doctor", "on a host: mistakes of host, network and file"),
)
