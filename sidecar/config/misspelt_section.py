"""Sections whose name is misspelt: that is one mistake, and what stands in them is read all the same."""

from difflib import get_close_matches
from typing import Final

from sidecar.config.keepalived_words import OF_FILE
from sidecar.config.mistake import Mistake, quoted
from sidecar.config.yaml.tree import Pairs, Scalar, Tree

_SECTIONS: Final = ("virtual_routers", "checks", "pools", "sync_groups")
_LIKENESS: Final = 0.75
_OTHERS: Final = {
    "routers": "virtual_routers",
    "instances": "virtual_routers",
    "vrrp": "virtual_routers",
    "vrrp_instances": "virtual_routers",
    "health_checks": "checks",
    "healthchecks": "checks",
    "healthcheck": "checks",
    "upstreams": "pools",
    "backends": "pools",
}
"""Words that other programs have for the same."""


def spelled_right(tree: Tree, file: str) -> tuple[Tree, tuple[Mistake, ...]]:
    """Return the tree with the names of its sections as they should be, and the mistakes in them."""
    if not isinstance(tree, Pairs):
        return tree, ()
    missing = set(_SECTIONS) - {key.text for key, _ in tree.pairs}
    pairs: list[tuple[Scalar, Tree]] = []
    mistakes: list[Mistake] = []
    for key, item in tree.pairs:
        meant = _meant(key.text) if isinstance(item, Pairs) else ""
        if meant in missing:
            missing.remove(meant)
            message = f"{key.text}: there is no key {quoted(key.text)}; did you mean `{meant}`?"
            mistakes.append(Mistake(file, key.at.line, key.at.column, "unknown-key", message))
            pairs.append((Scalar(meant, key.plain, key.at), item))
        else:
            pairs.append((key, item))
    return Pairs(tuple(pairs), tree.at), tuple(mistakes)


def _meant(name: str) -> str:
    word = name.lower().strip(": ").replace("-", "_")
    if name in _SECTIONS or name in OF_FILE or name.startswith("x-"):
        return ""
    return _OTHERS.get(word) or next(iter(get_close_matches(word, _SECTIONS, n=1, cutoff=_LIKENESS)), "")
