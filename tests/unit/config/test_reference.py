"""docs/configuration.md is what the model says."""

import re
from pathlib import Path

from sidecar.config.check.kinds import KINDS
from sidecar.config.meaning import meaning
from sidecar.config.model import Config
from sidecar.config.reference import render
from sidecar.config.strict_model import keys

DOCUMENT = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_committed_reference_is_current() -> None:
    assert DOCUMENT.read_text() == render(), (
        "run `python -m sidecar.config.reference > docs/configuration.md`"
    )


def test_every_key_is_explained() -> None:
    assert all(meaning(Config, key) for key in keys(Config))
    assert "|  |\n" not in render()


def test_each_mapping_and_each_kind_of_check_has_one_table() -> None:
    titles = [line.removeprefix("## ") for line in render().splitlines() if line.startswith("## ")]
    assert len(titles) == len(set(titles))
    assert {f"A check of kind `{kind}`" for kind in KINDS} <= set(titles)
    assert {
        "`virtual_routers.<name>`",
        "`virtual_routers.<name>.auth.hmac[]`",
        "`checks.<name>`",
        "`checks.<name>.dns` of kind `dns`",
        "`pools.<name>.servers[]`",
        "`pools.<name>.check.expect`",
        "`log`",
    } <= set(titles)


def test_what_is_called_a_mapping_has_a_table() -> None:
    called = re.findall(r"^\| `(\w+)` \| mapping(?: by name)? \|", render(), re.MULTILINE)
    tables = re.findall(r"^## `(?:\S*\.)?(\w+)(?:\.<name>)?`", render(), re.MULTILINE)
    assert {"metrics", "virtual_routers", "expect"} <= set(called)
    assert not set(called) - set(tables)
