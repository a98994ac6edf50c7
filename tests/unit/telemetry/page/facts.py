"""What a sidecar could show: boards and documents for the page, and a reader of HTML."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from ipaddress import IPv4Interface

from sidecar.core.health.snapshot import CheckSnapshot
from sidecar.core.snapshot import RouterSnapshot, Snapshot
from sidecar.telemetry.document import Status
from sidecar.telemetry.status import render
from sidecar.telemetry.status_store import StatusStore
from tests.unit.telemetry.handmade import router, snapshot

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'--></title></style><svg/onload=alert(1)>",
    "\u202egnirts \u05d0\u05d1\u2067x",
    "{{ 7 * 7 }}{% raw %}",
    "\x00\x1b[31m\r\ndata: x\r\n\r\n",
    "&lt;b&gt; &amp;",
    "<" * 4096,
)
"""What a checked server may say."""


def document(status_store: StatusStore) -> Status:
    view = status_store.view()
    assert view is not None
    return render(view)


def checks(details: Iterable[str], *, up: bool | None = True) -> tuple[CheckSnapshot, ...]:
    """A check for each of these details."""
    return tuple(
        CheckSnapshot(f"check-{number}", "http", up=up, detail=detail, since=900.0, reported_at=999.9)
        for number, detail in enumerate(details)
    )


def with_checks(details: Iterable[str], *, up: bool | None = True) -> Snapshot:
    return replace(snapshot(), checks=checks(details, up=up))


def large() -> Snapshot:
    """Ten virtual routers with two VIPs each, and forty checks."""
    routers = [_router(number) for number in range(10)]
    return replace(snapshot(*routers), checks=checks([f"200 in {number} ms" for number in range(40)]))


def _router(number: int) -> RouterSnapshot:
    vips = tuple(IPv4Interface(f"10.77.{number}.{last}/32") for last in (100, 101))
    return router(name=f"web-{number}", vrid=number + 1, vips=vips, owned=frozenset(vips))


@dataclass
class Tag:
    """An element: its attributes, and the text in it."""

    name: str
    attributes: dict[str, str | None]
    text: str = ""


@dataclass
class Html(HTMLParser):
    """The elements of a page in their order. Raises AssertionError where one is closed that is not open."""

    source: str
    tags: list[Tag] = field(default_factory=list)
    _open: list[Tag] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.source)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = Tag(tag, dict(attrs))
        self.tags.append(found)
        if tag not in ("meta", "link", "br"):
            self._open.append(found)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, tag
        assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            tag.text += data

    def all(self, name: str) -> list[Tag]:
        return [tag for tag in self.tags if tag.name == name]

    def by_id(self, value: str) -> Tag:
        (found,) = [tag for tag in self.tags if tag.attributes.get("id") == value]
        return found

    def within(self, kind: str) -> list[list[str]]:
        """The text of the cells of a table, its head first."""
        rows: list[list[str]] = []
        inside = False
        for tag in self.tags:
            if tag.name == "table":
                inside = tag.attributes["class"] == kind
            elif inside and tag.name == "tr":
                rows.append([])
            elif inside and tag.name in ("th", "td"):
                rows[-1].append(tag.text)
        return rows
