"""Values as YAML that our own reader takes, letter by letter."""

import json
import re
from typing import Final

from sidecar.migrate.entries import Plain, Variable

_BARE: Final = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_./+-]*")
_LOOKS_TYPED: Final = re.compile(r"-?[0-9.]+|true|false|yes|no|on|off|null", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?")
_PLANE: Final = 0x10000


def yaml_text(value: Plain | Variable) -> str:
    """Return a value in one line."""
    if isinstance(value, Variable):
        return _reference(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(yaml_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {yaml_text(each)}' for key, each in value.items())}}}"
    return _scalar(value)


def comment_text(text: str) -> str:
    """Return a text that can stand in a comment."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _reference(variable: Variable) -> str:
    if variable.default is not None:
        return f"${{{variable.name}:-{variable.default}}}"
    return f"${{{variable.name}:?{variable.hint}}}"


def _scalar(text: str) -> str:
    bare = _BARE.fullmatch(text) and (_ADDRESS.fullmatch(text) or not _LOOKS_TYPED.fullmatch(text))
    if bare:
        return text
    # JSON writes letters beyond the first plane as two escapes, which YAML reads as two letters.
    escaped = "".join(
        f"\\U{ord(letter):08x}" if ord(letter) >= _PLANE else json.dumps(letter)[1:-1]
        for letter in text.replace("$", "$$")
    )
    return f'"{escaped}"'
