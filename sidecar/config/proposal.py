"""The line to write instead of a value of the wrong shape. What is proposed is a value that the key takes."""

import re
import shlex
import unicodedata
from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ValidationError

from sidecar.config.concealed import is_concealed
from sidecar.config.strict_model import keys
from sidecar.config.values.node_url import with_port

SHOWN: Final = 60
"""Letters of a value that a proposal repeats."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./=+*-](?:[A-Za-z0-9_./=+*~@%-]|:(?=\S))*")
"""What needs no quotes inside of [ ] and { }."""
_PROGRAMS: Final = frozenset(
    ("exec", "test", "pre_acquire", "post_acquire", "pre_release", "post_release", "post_fault", "on_check")
)
_BY_NAME: Final = frozenset({"nodes", "addresses", "peers"})
"""Lists that some write as a mapping of names to entries."""
_WHOLE_LINES: Final = frozenset({"options"})
"""Lists of texts that have spaces in them."""
_MEANT: Final[Mapping[str, tuple[str, ...]]] = {
    "unicast": ("peers",),
    "hooks": ("post_acquire",),
    "expect": ("status", "body"),
    "auth": (),
    "damping": (),
}
"""Keys that a value of the whole mapping may be meant for, where these are not simply those that take it."""
_SHELL: Final = re.compile(r"\s(?:\|\|?|&&|[0-9]*[<>])|;\s|\$\(|`")
"""What only a shell understands in a line of commands."""
_KEY_OF_HMAC: Final = "{id: 1, key_file: /path}"
_MOST: Final = 20
"""Keys that a message lists."""


def mapping_of(key: str, value: object, model: type[BaseModel]) -> str:
    """How a mapping is written, if a value stands in its place: by the key that takes the value."""
    if key == "auth":
        return f"write `auth: {{hmac: [{_KEY_OF_HMAC}]}}`"
    names = tuple(keys(model))
    for name in _MEANT.get(key, names):
        for candidate in _candidates(name, value):
            if _takes(model, name, candidate) and (shown := written(candidate)) != "...":
                others = [
                    other for other, field in keys(model).items() if field.is_required() and other != name
                ]
                more = "".join(f", {other}: ..." for other in others)
                return f"write `{key}: {{{name}: {shown}{more}}}`"
    if len(names) == 1:
        return f"write `{key}: {{{names[0]}: ...}}`"
    return (
        f"write `key: value` lines, of {', '.join(names)}"
        if len(names) <= _MOST
        else "write `key: value` lines"
    )


def list_of(key: str, value: object) -> str:
    """How a list is written, if one value or several without brackets stand in its place."""
    if key == "hmac":
        return f"write `hmac: [{_KEY_OF_HMAC}]`"
    if key == "checks" and value in ("all", "any", "*"):
        return "without the key all checks decide; remove it"
    words = _words(key, value)
    text = written(words) if words else "..."
    return "write it in [ ]" if text == "..." else f"write `{key}: {text}`"


def entry_of(model: type[BaseModel], key: str, value: Mapping[str, object]) -> str:
    """The entry of a list that was meant by a mapping in its place, "" if there is none in it."""
    texts = [each for each in value.values() if isinstance(each, str)] if key in _BY_NAME else []
    lengths = [each for each in texts if each.isdecimal()]
    for candidate in (*(f"{each}/{length}" for each in texts for length in lengths), *texts):
        if _takes(model, key, [candidate]) and (shown := written(candidate)) != "...":
            return shown
    return ""


def written(value: object) -> str:
    """A value as it is written in the file inside of [ ] or { }, `...` if it is long or may be a secret."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        words = value
    else:
        words = [value] if isinstance(value, str) else []
    if not all(word and word.isprintable() and not is_concealed(word) for word in words):
        return "..."
    text = ", ".join(map(_flow, words))
    if not words or len(text) > SHOWN:
        return "..."
    return f"[{text}]" if isinstance(value, list) else text


def _words(key: str, value: object) -> list[str]:
    """The entries of the list that was meant."""
    if isinstance(value, dict):
        items = list(value.values())
        if not all(isinstance(item, str) for item in items):
            return []
        if key in _PROGRAMS and len(items) == 1:
            return _words(key, items[0])
        return items if key in _BY_NAME else []
    if not isinstance(value, str) or is_concealed(value):
        return []
    if key in _PROGRAMS:
        return _command(value)
    if key in _WHOLE_LINES:
        return [value]
    # full-width brackets and commas are letters for YAML
    words = [word for word in re.split(r"[][,;\s]+", unicodedata.normalize("NFKC", value)) if word]
    return [_node(word) for word in words] if key == "nodes" else words


def _command(line: str) -> list[str]:
    """A program and its arguments, [] if a quote has no end."""
    if _SHELL.search(line):
        return ["/bin/sh", "-c", line]
    try:
        return shlex.split(line)
    except ValueError:
        return []


def _node(word: str) -> str:
    where = "" if "://" in word else with_port(word)
    return f"http://{where}" if where else word


def _candidates(name: str, value: object) -> list[object]:
    """What may have been meant: the value itself, a list of it, an engine's address, a port of this host."""
    if not isinstance(value, str):
        return [value]
    found: list[object] = [value, _words(name, value)]
    if name == "url" and value.startswith("/"):
        found.append(f"unix://{value}")
    if value.isdecimal():
        found.append(f"127.0.0.1:{value}")
    return found


def _takes(model: type[BaseModel], name: str, value: object) -> bool:
    try:
        model.model_validate({name: value})
    except ValidationError as error:
        return all(detail["loc"][:1] != (name,) for detail in error.errors(include_url=False))
    return True


def _flow(word: str) -> str:
    word = word.replace("$", "$$")
    if _PLAIN.fullmatch(word):
        return word
    return f'"{word}"' if not {'"', "\\"} & set(word) else "'" + word.replace("'", "''") + "'"
