"""The words of keepalived: what is said about them names keys that the file has."""

import re

import pytest
from pydantic import BaseModel

from sidecar.config.check.kinds import KINDS
from sidecar.config.keepalived_words import OF_CHECK, OF_FILE, OF_POOL, OF_ROUTER, Word
from sidecar.config.model import Config
from sidecar.config.strict_model import keys, models

EVERY = {f"{place}.{word}": answer for place, table in
    {"file": OF_FILE, "router": OF_ROUTER, "check": OF_CHECK, "pool": OF_POOL}.items()
    for word, answer in table.items()}  # fmt: skip


def below(model: type[BaseModel], path: list[str]) -> None:
    """Fail unless the model has a key at this path."""
    key, *rest = path
    field = keys(model)[key]
    if rest:
        below(next(models(field.annotation)), [part for part in rest if part != "<name>"])


@pytest.mark.parametrize("answer", EVERY.values(), ids=EVERY)
def test_our_key_is_there(answer: Word) -> None:
    if answer.ours.startswith("checks.<name>."):
        assert any(answer.ours.split(".")[2] in keys(model) for model in KINDS.values())
    elif answer.ours:
        below(Config, answer.ours.split("."))


@pytest.mark.parametrize("answer", EVERY.values(), ids=EVERY)
def test_each_answer_says_what_to_do(answer: Word) -> None:
    assert re.search(r"write |remove it|add |make |copy |use |key says|counts", answer.mend), answer.mend
    assert answer.ours or "remove it" in answer.mend or "make a check" in answer.mend or "copy" in answer.mend


def test_no_word_of_keepalived_is_a_key_of_ours() -> None:
    assert OF_FILE.keys().isdisjoint(keys(Config))
    assert OF_ROUTER.keys().isdisjoint(keys(next(models(keys(Config)["virtual_routers"].annotation))))
    assert OF_POOL.keys().isdisjoint(keys(next(models(keys(Config)["pools"].annotation))))
    assert all(OF_CHECK.keys().isdisjoint(keys(model)) for model in KINDS.values())
    assert len({*OF_FILE, *OF_ROUTER, *OF_CHECK, *OF_POOL}) > 90


def test_the_value_of_the_user_is_in_the_answer() -> None:
    assert OF_ROUTER["virtual_router_id"].answer("virtual_router_id", "51") == (
        "`virtual_router_id` is a word of keepalived: write `vrid: 51`"
    )
    assert (
        OF_ROUTER["unicast_src_ip"]
        .answer("unicast_src_ip", "10.77.0.11")
        .endswith("write `unicast: {source: 10.77.0.11, peers: [...]}`")
    )
