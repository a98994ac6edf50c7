"""Links lead somewhere, and every page can be found from the index."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.unit.docs.pages import ROOT, anchors, links, pages, text_of


def _local(page: Path) -> list[tuple[str, Path, str]]:
    """The links of a page to files of ours: as written, the file, the heading."""
    found = []
    for link in links(text_of(page)):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, heading = link.partition("#")
        found.append((link, (ROOT / page.parent / name).resolve() if name else ROOT / page, heading))
    return found


@pytest.mark.parametrize("page", pages(), ids=str)
def test_each_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    dead = [
        link
        for link, file, heading in _local(page)
        if not file.exists() or (heading and heading not in anchors(file.read_text(encoding="utf-8")))
    ]
    assert not dead, f"{page}: {dead}"


@pytest.mark.parametrize(
    ("index", "folder"), [("docs/README.md", "docs"), ("docs/adr/README.md", "docs/adr")]
)
def test_each_page_of_a_folder_is_in_its_index(index: str, folder: str) -> None:
    linked = {file for _, file, _ in _local(Path(index))}
    missing = [page for page in pages() if page.parent == Path(folder) and page != Path(index)]
    assert not [str(page) for page in missing if ROOT / page not in linked]


def test_headings_are_named_as_a_browser_finds_them() -> None:
    text = "# A `key`: and more\n## Notes\n## Notes\n```\n# no heading\n```\n### The [page](x.md)\n"
    assert anchors(text) == {"a-key-and-more", "notes", "notes-1", "the-page"}


def test_the_readme_can_be_read_in_one_go() -> None:
    assert len(text_of(Path("README.md")).splitlines()) <= 150


def test_a_picture_is_drawn_and_says_what_it_shows() -> None:
    for picture in ROOT.glob("docs/**/*.svg"):
        drawing = ET.parse(picture).getroot()  # noqa: S314 - our own file
        assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
        assert drawing.find("{http://www.w3.org/2000/svg}title") is not None, picture
