"""The hosts of a fleet, from a file of Prometheus' `file_sd`: the inventory that people have."""

import json
from dataclasses import dataclass
from typing import Any, Final

from sidecar.config.mistake import ConfigError, Mistake, Position
from sidecar.config.yaml.tree import Items, Scalar, Tree, parse_tree
from sidecar.telemetry.plain_words import printable

MOST: Final = 10_000
"""Targets that are read at most."""
PORT: Final = 9650
"""Port of a target without one."""
_LONGEST: Final = 253
_YAML: Final = (".yml", ".yaml")
_START: Final = Position(1, 1)


class WrongTargets(Exception):  # noqa: N818 - the text is what the user reads
    """The file cannot be used; the text says where and why, and what mends it."""


@dataclass(frozen=True, slots=True)
class Target:
    """One host, and its place: labels `site` and `cluster`, "" where it has none."""

    host: str
    port: int
    site: str
    cluster: str

    @property
    def address(self) -> str:
        """As it is written in the file."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read(text: str, file: str) -> tuple[Target, ...]:
    """Return the targets in the order of the file, each once. Raises WrongTargets.

    As for Prometheus, a file is YAML if its name ends so, and JSON else.
    """
    groups = _yaml(text, file) if file.endswith(_YAML) else _json(text, file)
    if not isinstance(groups, list):
        raise WrongTargets(f"{file}: it is no list; write [{{'targets': ['10.77.0.11:9650']}}]")
    found = [target for number, group in enumerate(groups) for target in _group(group, f"{file}: [{number}]")]
    if not found:
        raise WrongTargets(f"{file}: there is no target in it; add one to `targets`")
    if len(found) > MOST:
        raise WrongTargets(f"{file}: {len(found)} targets; {MOST} are read, split the file")
    return tuple(dict.fromkeys(found))


def _json(text: str, file: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        how = "write [{'targets': [...]}], or name it .yml if it is YAML"
        raise WrongTargets(f"{file}: this is no JSON ({error}); {how}") from None


def _yaml(text: str, file: str) -> Any:
    try:
        tree, mistakes = parse_tree(text, file) if text.strip() else (Items((), _START), ())
    except ConfigError as error:
        raise _wrong(error.mistakes[0]) from None
    if mistakes:
        raise _wrong(mistakes[0])
    return _plain(tree)


def _plain(tree: Tree) -> Any:
    """Return what JSON would have. Targets and labels are texts, however they are written."""
    if isinstance(tree, Scalar):
        return tree.text
    if isinstance(tree, Items):
        return [_plain(each) for each in tree.items]
    return {key.text: _plain(value) for key, value in tree.pairs}


def _wrong(mistake: Mistake) -> WrongTargets:
    return WrongTargets(f"{mistake.file}:{mistake.line}:{mistake.column}: {mistake.message}")


def _group(group: Any, where: str) -> list[Target]:
    if not isinstance(group, dict) or not isinstance(group.get("targets"), list):
        raise WrongTargets(f"{where}: it has no list `targets`; write {{'targets': ['10.77.0.11:9650']}}")
    labels = group.get("labels", {})
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        raise WrongTargets(f"{where}: `labels` is no mapping of texts; write {{'cluster': 'ams1'}}")
    place = _label(labels, "site"), _label(labels, "cluster")
    return [Target(*_endpoint(each, where), *place) for each in group["targets"]]


def _endpoint(text: Any, where: str) -> tuple[str, int]:
    """Return host and port of a target, such as `10.77.0.11:9650`, `[2001:db8::1]:9650` or `lb1`."""
    if (
        isinstance(text, str)
        and 0 < len(text) <= _LONGEST
        and text.isprintable()
        and not set(text) & set(" /@")
    ):
        host, colon, port = text.rpartition(":")
        if not colon or text.endswith("]"):
            host, port = text, str(PORT)
        bare = host.removeprefix("[").removesuffix("]")
        bracketed = bare != host
        if (
            bare
            and bracketed == (":" in bare)
            and port.isascii()
            and port.isdigit()
            and 0 < int(port) < 1 << 16
        ):
            return bare, int(port)
    raise WrongTargets(f"{where}: {text!r} is no target; write one such as 10.77.0.11:9650")


def _label(labels: dict[str, str], name: str) -> str:
    return printable(labels.get(name, "")[:_LONGEST])
