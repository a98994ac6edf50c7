"""`${VAR}` in the values of the file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sidecar.config.concealed import HIDDEN, Concealed

_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<inside>[^}]*)(?P<close>\}?))")
_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:(?P<operator>:[-?])(?P<word>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Expanded:
    """The text after expansion, and what was wrong with the references in it."""

    text: str
    problems: tuple[str, ...] = ()


def expand(text: str, environ: Mapping[str, str]) -> Expanded:
    """Replace `${VAR}`, `${VAR:-default}` and `${VAR:?message}`; `$$` is one `$`, any other `$` itself.

    With `:-` and `:?` an empty variable counts as unset, as in a shell. What a variable holds is
    never expanded again.
    """
    if "$" not in text:
        return Expanded(text)
    problems: list[str] = []

    def replacement(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        shown = HIDDEN if isinstance(text, Concealed) else match["inside"][:40]
        if not match["close"]:
            problems.append(f"`${{{shown}` has no closing brace; write `$$` for a literal dollar sign")
            return ""
        value, problem = _value(match["inside"], shown, environ)
        if problem:
            problems.append(problem)
        return value

    return Expanded(_REFERENCE.sub(replacement, text), tuple(problems))


def _value(inside: str, shown: str, environ: Mapping[str, str]) -> tuple[str, str | None]:
    reference = _INSIDE.fullmatch(inside)
    if reference is None:
        return "", (
            f"`${{{shown}}}` is no variable; write ${{NAME}}, ${{NAME:-default}} or "
            "${NAME:?message}, and `$$` for a literal dollar sign"
        )
    name, operator, word = reference["name"], reference["operator"], reference["word"] or ""
    if "${" in word:
        return "", f"`${{{name}{operator}...}}` holds another reference; references cannot be nested"
    value = environ.get(name)
    if operator is None:
        problem = f"{name} is not set in the environment; set it, or write ${{{name}:-default}}"
        return value or "", problem if value is None else None
    if value or operator == ":-":
        return value or word, None
    return "", f"{name} is not set or empty; set it: {word or 'it has no default'}"
