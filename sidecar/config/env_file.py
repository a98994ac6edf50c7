"""Variables from a file, as compose reads `.env`: KEY=VALUE lines, comments, quotes."""

import re
from pathlib import Path
from typing import Final

from sidecar.config.mistake import ConfigError, Mistake
from sidecar.config.yaml.read import read_text

_LINE: Final = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=[ \t]*(?P<value>.*)")
_QUOTED: Final = re.compile(r"""(?:'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)")\s*(?:#.*)?""")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*")
_ESCAPE: Final = re.compile(r"\\(.)")
_MEANING: Final = {"n": "\n", "r": "\r", "t": "\t"}


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables of a file. No message shows a value: it may be a secret.

    Raises:
        ConfigError: the file cannot be read, or lines of it are no variables; it carries all of them.

    """
    variables: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        value = None if match is None else _value(match["value"].strip())
        if match is None or value is None:
            what = "this is no line like NAME=value" if match is None else "a quote has no end on this line"
            mistakes.append(Mistake(str(path), number, 1, "env-file", f"{what}; correct it, or remove it"))
        else:
            variables[match["name"]] = value
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return variables


def _value(text: str) -> str | None:
    if text[:1] not in ("'", '"'):
        return _COMMENT.sub("", text).strip()
    quoted = _QUOTED.fullmatch(text)
    if quoted is None:
        return None
    if quoted["single"] is not None:
        return quoted["single"]
    return _ESCAPE.sub(lambda found: _MEANING.get(found[1], found[1]), quoted["double"])
