"""`$NAME=...`, `$NAME`, `${NAME}`, `${_ENV NAME}` and their like, `~SEQ(...)` and `~LST(...)`.

A name that was not defined stays as it is, as in keepalived: where a number is needed it is refused.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sidecar.migrate.line import JOINT, Line, joined
from sidecar.migrate.place import refused

_DEFINITION = re.compile(r"\s*\$([A-Za-z_][A-Za-z0-9_]*)=\s*")
_REFERENCE = re.compile(r"\$(?:\{\s*(?P<inside>[^{}]*?)\s*\}|(?P<bare>[A-Za-z_][A-Za-z0-9_]*)(?![^\s,)]))")
"""Without braces a name ends the word, or stands before a comma or a closing parenthesis."""
_GENERATOR = re.compile(r"\s*~(?P<kind>SEQx?|LST)\s*\((?P<inside>[^)]*)\)\s*")
_BROKEN_GENERATOR = re.compile(r"\s*~(?:SEQx?|LST)\b")
_GROUP = re.compile(r"\{([^{}]*)\}|([^,{}]+)")
_BUILT_IN = {"_HASH": "#", "_BANG": "!"}
_MOST_VALUES = 1024
_MOST_CHARACTERS = 1 << 17
_DEEPEST = 16
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_HEXADECIMAL = re.compile(r"-?(?:0[xX])?[0-9a-fA-F]{1,8}")


@dataclass(slots=True)
class Macros:
    """The definitions met so far, the environment, and how much text they may still become."""

    environ: Mapping[str, str]
    folder: str = ""
    defined: dict[str, str] = field(default_factory=dict)
    _left: int = _MOST_CHARACTERS
    _known: dict[str, str | None] = field(default_factory=dict)
    """The values of the references in the line that is being read."""

    def take(self, line: Line) -> bool:
        """Remember a definition, which has no space before its `=`, and say whether the line is one."""
        match = _DEFINITION.match(line.text)
        if match is None:
            return False
        self.defined[match[1]] = line.text[match.end() :].strip().lstrip(JOINT).replace(JOINT, "\n")
        return True

    def expand(self, line: Line) -> list[Line]:
        """Return the lines that this one stands for.

        Raises:
            ConfigError: a generator is malformed, a variable of the environment is not set, or what comes out
                is without end.

        """
        return list(self._expanded(line, {}, 0))

    def _expanded(self, line: Line, local: Mapping[str, str], depth: int) -> Iterator[Line]:
        if depth > _DEEPEST:
            raise refused(line.place(0), "macro", "these definitions refer to each other without end")
        generator = _GENERATOR.match(line.text)
        if generator is not None:
            rest = line[generator.end() :]
            for values in self._generated(line, generator, local):
                yield from self._expanded(rest, {**local, **values}, depth + 1)
            return
        if _BROKEN_GENERATOR.match(line.text):
            message = "write ~SEQ(NAME, first, step, last), the step left out if it is 1"
            raise refused(line.place(0), "macro", message)
        whole = self._substituted(line, local)
        if "\n" not in whole.text:
            yield whole
            return
        for part in whole.split("\n"):
            yield from self._expanded(part, local, depth + 1)

    def _substituted(self, line: Line, local: Mapping[str, str]) -> Line:
        """Return the line with its references replaced, each by a text in its own place."""
        parts, start = [], 0
        self._known = {}
        for match in _REFERENCE.finditer(line.text):
            value = self._resolved(line, match, local, match.start(), ())
            if value is not None:
                parts += [line[start : match.start()], line.text_at(match.start(), value)]
                start = match.end()
        return joined([*parts, line[start:]]) if parts else line

    def _resolved(
        self, line: Line, match: re.Match[str], local: Mapping[str, str], at: int, inside: tuple[str, ...]
    ) -> str | None:
        """Return what a reference becomes, those in its own value replaced; None if it is not defined."""
        if match[0] in inside or len(inside) > _DEEPEST:
            raise refused(line.place(at), "macro", f"{match[0]} refers to itself without end")
        if match[0] not in self._known:
            value = self._value(line, match, local, at)

            def within(inner: re.Match[str]) -> str:
                text = self._resolved(line, inner, local, at, (*inside, match[0]))
                return inner[0] if text is None else text

            self._known[match[0]] = None if value is None else _REFERENCE.sub(within, value)
        text = self._known[match[0]]
        self._left -= 1 + len(text or "")
        if self._left < 0:
            raise refused(line.place(at), "macro", "these definitions become too much text")
        return text

    def _value(self, line: Line, match: re.Match[str], local: Mapping[str, str], at: int) -> str | None:
        name = match["bare"] if match["inside"] is None else match["inside"]
        for known in (local, self.defined, _BUILT_IN):
            if name in known:
                return known[name]
        if name == "_PWD":
            return self.folder
        verb, _, argument = name.partition(" ")
        if verb == "_ENV":
            variable = argument.strip()
            if variable not in self.environ:
                message = (
                    f"{variable} is not set in this environment; call `{variable}=... vip-sidecar import`"
                )
                raise refused(line.place(at), "environment", message)
            return self.environ[variable]
        if verb in ("_RANDOM", "_INSTANCE"):
            message = f"${{{name}}} is known only to a running keepalived; write the value that is meant"
            raise refused(line.place(at), "macro", message)
        return None

    def _generated(
        self, line: Line, generator: re.Match[str], local: Mapping[str, str]
    ) -> Iterator[dict[str, str]]:
        inside = self._substituted(line[generator.start("inside") : generator.end("inside")], local).text
        if generator["kind"] == "LST":
            yield from _listed(inside, line)
        else:
            yield from _counted(inside, line, hexadecimal=generator["kind"] == "SEQx")


def _counted(inside: str, line: Line, *, hexadecimal: bool) -> Iterator[dict[str, str]]:
    """Yield the values of `~SEQ(name, first, step, last)`; the step may be absent, and then the first."""
    name, *rest = (part.strip() for part in inside.split(","))
    pattern, base = (_HEXADECIMAL, 16) if hexadecimal else (_NUMBER, 10)
    if not name or not 1 <= len(rest) <= 3 or not all(pattern.fullmatch(part) for part in rest):  # noqa: PLR2004
        message = "write ~SEQ(NAME, first, step, last) with whole numbers, the step left out if it is 1"
        raise refused(line.place(0), "macro", message)
    numbers = [int(part, base) for part in rest]
    last = numbers[-1]
    first = numbers[0] if len(numbers) > 1 else (1 if last > 0 else -1)
    step = numbers[1] if len(numbers) > 2 else (1 if last >= first else -1)  # noqa: PLR2004
    values = range(first, last + (1 if step > 0 else -1), step) if step else range(0)
    if not 0 < len(values) <= _MOST_VALUES:
        message = (
            f"this makes {len(values)} values, and 1 to {_MOST_VALUES} are possible; correct the numbers"
        )
        raise refused(line.place(0), "macro", message)
    for value in values:
        yield {name: f"{value:x}" if hexadecimal else str(value)}


def _listed(inside: str, line: Line) -> Iterator[dict[str, str]]:
    """Yield the values of `~LST(name, a, b)` or `~LST({name, other}, {a, b}, {c, d})`."""
    groups = [
        [part.strip() for part in match[1].split(",")] if match[1] is not None else [match[2].strip()]
        for match in _GROUP.finditer(inside)
        if match[1] is not None or match[2].strip()
    ]
    if len(groups) <= 1 or any(len(group) != len(groups[0]) for group in groups):
        message = "write ~LST(NAME, value, value) or ~LST({A, B}, {value, value})"
        raise refused(line.place(0), "macro", message)
    for values in groups[1:]:
        yield dict(zip(groups[0], values, strict=True))
