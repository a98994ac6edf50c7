"""The rules of a model are asked with the paths of the file, in mappings and lists below it, too."""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import Field

from sidecar.config.entry import Entry
from sidecar.config.findings import findings
from sidecar.config.mistake import Finding
from sidecar.config.rules import Rule, named, rule
from sidecar.config.shape import examine
from sidecar.config.strict_model import StrictModel
from sidecar.config.values.scalars import Whole


@rule("low", "high")
def in_order(entry: Entry["Span"]) -> Iterator[Finding]:
    if entry.model.low > entry.model.high:
        yield Finding((*entry.path, "from"), "order", f"given: {', '.join(sorted(entry.given))}")


class Span(StrictModel):
    rules: ClassVar[tuple[Rule[Any], ...]] = (in_order,)

    low: Whole = Field(default=5, alias="from")
    high: Whole = 9


class Shelf(StrictModel):
    rules: ClassVar[tuple[Rule[Any], ...]] = (named("shelf"),)

    one: Span = Span()
    many: tuple[Span, ...] = ()
    other: Whole = 0


def found(raw: dict[str, object], name: str = "a") -> list[tuple[tuple[str | int, ...], str, str]]:
    entry, _ = examine(Shelf, raw, ("shelves", name), broken=set())
    return [(finding.path, finding.code, finding.message) for finding in findings(entry)]


def test_a_rule_of_a_mapping_below_has_the_path_from_the_top_and_the_keys_that_were_given() -> None:
    assert found({"one": {"from": "10"}}) == [(("shelves", "a", "one", "from"), "order", "given: from")]


def test_a_rule_is_asked_for_each_entry_of_a_list() -> None:
    given: list[object] = [{"from": "1"}, {"from": "3", "high": "2"}, {}]
    assert found({"many": given}) == [(("shelves", "a", "many", 1, "from"), "order", "given: from, high")]


def test_a_mapping_that_is_wrong_is_not_asked_and_what_is_beside_it_is() -> None:
    raw: dict[str, object] = {"one": {"from": "x"}, "many": [{"from": "99"}], "other": "y"}
    assert [path for path, _, _ in found(raw, "b c")] == [
        ("shelves", "b c"),
        ("shelves", "b c", "many", 0, "from"),
    ]


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert found({}) == []
