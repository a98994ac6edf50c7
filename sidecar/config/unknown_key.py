"""The message about a key that its mapping does not have: whose word it is, and where it belongs."""

from collections.abc import Set as AbstractSet
from typing import Final

from pydantic import BaseModel

from sidecar.config.concealed import Concealed
from sidecar.config.keepalived_words import OF_CHECK, OF_FILE, OF_POOL, OF_ROUTER, Word
from sidecar.config.mistake import Finding, Path, did_you_mean, dotted, quoted
from sidecar.config.model import Config
from sidecar.config.other_words import other_word
from sidecar.config.proposal import written
from sidecar.config.strict_model import keys, mapping

_TABLES: Final[dict[str, dict[str, Word]]] = {
    "virtual_routers": OF_ROUTER,
    "checks": OF_CHECK,
    "pools": OF_POOL,
}
_LISTS: Final = ("addresses", "checks", "unicast.peers")
"""Keys of ours that are lists where keepalived's may be one value."""
_IN_ENTRY: Final = 3
"""Keys of the path to a key of an entry: section, name, key."""
_MOST: Final = 20
"""Keys that a message lists."""
_OTHERS: Final = {
    "listen": "; write `http: {listen: 127.0.0.1:9650}`",
}
"""Keys that others have at the top of their files."""


def unknown_key(
    where: Path,
    value: object,
    model: type[BaseModel],
    outer: type[BaseModel] | None = None,
    akin: AbstractSet[str] = frozenset(),
) -> Finding:
    """Return the finding about a key that `model` does not have.

    `outer` is the model of the entry, if the key is in a mapping inside of it. `akin` are keys that may be
    meant although the model does not have them.
    """
    key = str(where[-1])
    if isinstance(where[-1], Concealed):
        return Finding(
            where,
            "unknown-key",
            f"there is no key {quoted(where[-1])}{_known(key, model, akin)}",
            at_key=True,
        )
    other, word = other_word(where), keepalived_word(where, key)
    if other is not None:
        mend = other.mend.replace("{value}", _value(other, value))
        return Finding(where, "unknown-key", f"there is no key {quoted(key)}; {mend}", at_key=True)
    if word is not None:
        return Finding(where, "keepalived-word", word.answer(key, _value(word, value)), at_key=True)
    hint = _place(where, key, value, model, outer)
    if hint is None:
        hint = _known(key, model, akin)
    if len(where) == 1 and "did you mean" not in hint and isinstance(value, dict | list):
        hint += "; a section of your own begins with `x-`"
    return Finding(where, "unknown-key", f"there is no key {quoted(where[-1])}{hint}", at_key=True)


def _known(key: str, model: type[BaseModel], akin: AbstractSet[str]) -> str:
    return did_you_mean(key, {*keys(model), *akin}) or _all(tuple(keys(model)))


def _place(
    where: Path, key: str, value: object, model: type[BaseModel], outer: type[BaseModel] | None
) -> str | None:
    """Where a key belongs that is right in itself and stands at the wrong depth."""
    for name, field in keys(model).items():
        inner = mapping(field)
        if inner is not None and key in keys(inner):
            return f"; it belongs under `{name}:`, as `{name}: {{{key}: {written(value)}}}`"
    if outer is not None and len(where) > _IN_ENTRY and key in keys(outer):
        return f"; it belongs to `{dotted(where[:2])}`, so indent it as `{where[2]}:`"
    if len(where) > 1 and key in keys(Config):
        return "; it is a key of the file, so write it at the left margin"
    return _OTHERS.get(key) if len(where) == 1 else None


def keepalived_word(where: Path, key: str) -> Word | None:
    """The key of this program that replaces a word of keepalived at this place."""
    first = OF_FILE if len(where) == 1 else _TABLES.get(str(where[0]), OF_FILE)
    for table in (first, *_TABLES.values(), OF_FILE):
        if key in table:
            return table[key]
    return None


def meant(where: Path, key: str, model: type[BaseModel]) -> str | None:
    """Which key of the model an unknown one was meant to be, if that can be told."""
    word = other_word(where) or keepalived_word(where, key)
    if word is not None:
        inside = word.ours.split(".")[2:] if len(where) > 1 else word.ours.split(".")
        return inside[0] if inside and inside[0] in keys(model) else None
    close = did_you_mean(key, keys(model))
    return close.split("`")[1] if close else None


def _value(word: Word, value: object) -> str:
    if isinstance(value, list) and word.ours.endswith(".addresses"):
        # A line of keepalived goes on behind the address: `dev eth0 label eth0:1`.
        value = [item.split()[0] for item in value if isinstance(item, str) and item.strip()]
    text = written(value)
    if word.ours.partition(".<name>.")[2] in _LISTS and isinstance(value, str):
        return f"[{text}]"
    # `advert_int: 1` is seconds, and `1s` in YAML says so already.
    return text.removesuffix("s") if text[:1].isdigit() and "{value}s" in word.mend else text


def _all(known: tuple[str, ...]) -> str:
    if len(known) > _MOST:
        return ""
    return f"; the keys here are {', '.join(known)}"
