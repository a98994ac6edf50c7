"""Files to a result: which hosts they are for, each read with all that it includes."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sidecar.migrate.entries import label
from sidecar.migrate.files import Files
from sidecar.migrate.place import Place, refused
from sidecar.migrate.result import Result, result
from sidecar.migrate.source import ids_in, read_source
from sidecar.migrate.translate import translate

_PAIR = 2


@dataclass(frozen=True, slots=True)
class Input:
    """A keepalived.conf: its name in messages, and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class _Host:
    name: str
    host_id: str | None
    input: Input


def run(inputs: Sequence[Input], ids: Sequence[str], files: Files, environ: Mapping[str, str]) -> Result:
    """Translate the files. `ids` are the names after `@` for which a file with such lines is read.

    Raises:
        ConfigError: a file is malformed, or has nothing that could be translated.

    """
    translations = []
    for host in _hosts(inputs, ids):
        here = files.beside(host.input.name)
        source = read_source(host.input.text, host.input.name, here, environ, host.host_id)
        translations.append(translate(source, host.name, host.input.name, here))
    return result(translations)


def _hosts(inputs: Sequence[Input], ids: Sequence[str]) -> list[_Host]:
    names: list[str] = []
    hosts: list[_Host] = []
    for given in inputs:
        for host_id in _ids(given, ids, alone=len(inputs) == 1):
            name = label(host_id or _name(given, inputs), names, "host")
            names.append(name)
            hosts.append(_Host(name, host_id, given))
    return hosts


def _ids(given: Input, ids: Sequence[str], *, alone: bool) -> Sequence[str | None]:
    """Return the hosts that a file is for: the given ones, or those that it names if it is alone."""
    named = ids_in(given.text, given.name)
    if not named:
        return (None,)
    if ids:
        return tuple(ids)
    if len(named) == 1:
        return (named[0], f"not-{named[0]}") if alone else named
    if alone and len(named) == _PAIR:
        return named
    message = f"lines of this file are for {', '.join(named)}; name its hosts: --id {named[0]} --id ..."
    raise refused(Place(given.name, 1, 1), "id", message)


def _name(given: Input, inputs: Sequence[Input]) -> str:
    """Return a name for the host of a file: that of the file, or of its folder if all have one name."""
    if len(inputs) == 1:
        return "host"
    stems = [posixpath.basename(each.name).rpartition(".")[0] or each.name for each in inputs]
    if len(set(stems)) == len(stems):
        return stems[inputs.index(given)]
    return posixpath.basename(posixpath.dirname(given.name)) or "host"
