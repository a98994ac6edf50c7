"""Words of other programs lead to keys that exist."""

import pytest

from sidecar.config import other_words
from sidecar.config.check.kinds import KINDS
from sidecar.config.pool.pool import Pool
from sidecar.config.router.virtual_router import VirtualRouter
from sidecar.config.strict_model import keys

OURS = {
    "virtual_routers": keys(VirtualRouter).keys(),
    "checks": frozenset().union(*(keys(model) for model in KINDS.values())),
    "pools": keys(Pool).keys(),
}
EVERY = [(section, word) for section, table in other_words._TABLES.items() for word in table]


@pytest.mark.parametrize(("section", "word"), EVERY)
def test_a_word_is_no_key_of_ours_and_leads_to_one(section: str, word: str) -> None:
    found = other_words.other_word((section, "web", word.upper().replace("_", "-")))
    assert found is not None
    assert word not in OURS[section]
    first = found.ours.removeprefix(f"{section}.<name>.").split(".")[0]
    assert found.ours == "" or first in OURS[section]


@pytest.mark.parametrize(
    "path", [("vip",), ("virtual_routers", "vip"), ("virtual_routers", "web", "auth", "id")]
)
def test_a_word_counts_in_an_entry_alone(path: tuple[str, ...]) -> None:
    assert other_words.other_word(path) is None
