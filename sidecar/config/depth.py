"""Keys at the wrong depth: one sentence for all of them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from pydantic import BaseModel

from sidecar.config.check.kinds import KINDS
from sidecar.config.keepalived_words import OF_FILE, OF_ROUTER
from sidecar.config.mistake import Finding, Path
from sidecar.config.model import Config
from sidecar.config.pool.pool import Pool
from sidecar.config.router.virtual_router import VirtualRouter
from sidecar.config.strict_model import keys, mapping

_ENTRIES: Final[dict[str, tuple[str, Callable[[], Iterable[type[BaseModel]]]]]] = {
    "virtual_routers": ("a virtual router", lambda: (VirtualRouter,)),
    "checks": ("a check", KINDS.values),
    "pools": ("a pool", lambda: (Pool,)),
}
_MOST: Final = 4
_EXAMPLES: Final = {"virtual_routers": "web", "checks": "nginx", "pools": "app"}


def take_unnamed(section: str, items: dict[str, object], empty: list[str]) -> Iterator[Finding]:
    """Report and remove the keys of an entry that stand beside its name, or where a name belongs.

    `empty` are the names in this section that have nothing below them.
    """
    if all(isinstance(value, dict) for value in items.values()):
        return  # before the models of all kinds of checks are loaded
    found = [key for key, value in items.items() if _is_key(section, key, value)]
    if not any(not isinstance(items[key], dict) for key in found):
        return
    for key in found:
        del items[key]
    what, _ = _ENTRIES[section]
    name = empty[-1] if empty else None
    if name is None:
        where = f"write a name such as `{_EXAMPLES[section]}:` above, and indent {_them(found)} below it"
    else:
        where = f"indent {_them(found)} below `{name}:`"
    yield Finding((section, found[0]), "indentation", f"{_listed(found)} to {what}; {where}", at_key=True)


def take_unindented(raw: dict[str, object]) -> Iterator[Finding]:
    """Report and remove the keys of entries that stand at the left margin."""
    if raw.keys() <= keys(Config).keys():
        return
    for section, (what, models) in _ENTRIES.items():
        every = frozenset().union(*(keys(model) for model in models())) - keys(Config).keys()
        # `check:` is nearer to `checks:` than to a key of a pool.
        others = {*OF_FILE, *OF_ROUTER, *(name.removesuffix("s") for name in keys(Config))}
        found = [key for key in raw if key in every - others]
        for key in found:
            del raw[key]
        if found:
            where = f"indent {_them(found)} below its name, under `{section}:`"
            yield Finding((found[0],), "indentation", f"{_listed(found)} to {what}; {where}", at_key=True)


def _is_key(section: str, key: str, value: object) -> bool:
    fields = [keys(model)[key] for model in _ENTRIES[section][1]() if key in keys(model)]
    if not fields or not isinstance(value, dict):
        return bool(fields)
    # A mapping may be an entry of that name; it is none if it has the keys of this one's mapping.
    inner = mapping(fields[0])
    return inner is not None and bool(value) and value.keys() <= keys(inner).keys()


def _them(found: list[str]) -> str:
    return "it" if len(found) == 1 else "them"


def _listed(found: list[str]) -> str:
    shown = [f"`{key}`" for key in found[:_MOST]]
    if len(found) > _MOST:
        return f"{', '.join(shown)} and {len(found) - _MOST} more belong"
    return f"{' and '.join(filter(None, (', '.join(shown[:-1]), shown[-1])))} belong{'s' * (len(found) == 1)}"


def below(section: str, path: Path) -> str | None:
    """The name of an entry of this section, if that is the path."""
    return str(path[1]) if len(path) == 2 and path[0] == section else None  # noqa: PLR2004
