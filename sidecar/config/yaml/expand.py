"""`${VAR}` in the values of the file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from sidecar.config.concealed import HIDDEN, Concealed

_REFERENCE = re.compile(
    r"\$(?:(?P<dollar>\$)|\{(?P<inside>[^}]*)(?P<close>\}?)|(?P<bare>[A-Za-z_][A-Za-z0-9_]*))"
)
_LIKENESS = 0.85
"""Of two names, 0 to 1, from which on one may be meant for the other."""
_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:(?P<operator>:[-?])(?P<word>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that a text refers to. `is_set`: its value was used, and not the reference's default."""

    name: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class Expanded:
    """The text after expansion, what was wrong with the references in it, and the variables of the others."""

    text: str
    problems: tuple[str, ...] = ()
    variables: tuple[Variable, ...] = ()


def expand(text: str, environ: Mapping[str, str]) -> Expanded:
    """Replace `${VAR}`, `${VAR:-default}` and `${VAR:?message}`; `$$` is one `$`.

    `$` before a name is refused: it was meant as a variable. Any other `$` is itself. With `:-` and `:?` an
    empty variable counts as unset, as in a shell. The content of a variable is never expanded again.
    """
    if "$" not in text:
        return Expanded(text)
    problems: list[str] = []
    variables: dict[str, Variable] = {}

    def replacement(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        if match["bare"]:
            name = "NAME" if isinstance(text, Concealed) else match["bare"][:40]
            problems.append(
                f"${name} is not expanded; write ${{{name}}}, or $${name} for a literal dollar sign"
            )
            return ""
        shown = HIDDEN if isinstance(text, Concealed) else match["inside"][:40]
        if not match["close"]:
            problems.append(f"`${{{shown}` has no closing brace; write `$$` for a literal dollar sign")
            return ""
        value, variable, problem = _value(match["inside"], shown, environ)
        if problem:
            problems.append(problem)
        elif variable is not None:
            variables.setdefault(variable.name, variable)
        return value

    return Expanded(_REFERENCE.sub(replacement, text), tuple(problems), tuple(variables.values()))


def _value(inside: str, shown: str, environ: Mapping[str, str]) -> tuple[str, Variable | None, str | None]:
    """Return what a reference stands for, the variable in it, and what is wrong with it."""
    reference = _INSIDE.fullmatch(inside)
    if reference is None:
        return (
            "",
            None,
            (
                f"`${{{shown}}}` is no variable; write ${{NAME}}, ${{NAME:-default}} or "
                "${NAME:?message}, and `$$` for a literal dollar sign"
            ),
        )
    name, operator, word = reference["name"], reference["operator"], reference["word"] or ""
    if "${" in word:
        return "", None, f"`${{{name}{operator}...}}` holds another reference; references cannot be nested"
    value = environ.get(name)
    variable = Variable(name, is_set=bool(value) or (operator is None and value is not None))
    near = _near(name, environ)
    if operator is None:
        problem = f"{name} is not set in the environment{near}; set it, or write ${{{name}:-default}}"
        return value or "", variable, problem if value is None else None
    if value or operator == ":-":
        return value or word, variable, None
    return "", variable, f"{name} is not set or empty{near}; set it: {word or 'it has no default'}"


def _near(name: str, environ: Mapping[str, str]) -> str:
    """Tell of a variable that is set under nearly this name; one that differs in a number is another one."""
    if name in environ:
        return ""
    others = {other.upper(): other for other in sorted(environ)}
    close = get_close_matches(name.upper(), others, n=1, cutoff=_LIKENESS)
    if not close or re.sub("[0-9]", "", close[0]) == re.sub("[0-9]", "", name) != name:
        return ""
    return f" ({others[close[0]][:40]} is: a misspelling?)"
