"""A file to a configuration, or to all that is wrong with it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from sidecar.config.draft import Draft
from sidecar.config.misspelt_section import spelled_right
from sidecar.config.mistake import ConfigError, Finding, Mistake, Severity, dotted
from sidecar.config.model import Config
from sidecar.config.yaml.document import Document, read_document
from sidecar.config.yaml.read import read_text
from sidecar.config.yaml.tree import parse_tree
from sidecar.plan.plan import FromEnvironment


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be used, and what its author should look at all the same."""

    config: Config
    warnings: tuple[Mistake, ...]
    from_environment: tuple[FromEnvironment, ...] = ()
    path: FilePath | None = None
    """The file, if it was read from one."""


def load(path: FilePath, environ: Mapping[str, str], hostname: str) -> Loaded:
    """Read a configuration file.

    `environ` is where variables come from; `hostname` names the node when the file does not.

    Raises:
        ConfigError: the file cannot be read or has at least one error; it carries all of them.

    """
    return replace(parse(read_text(path), str(path), environ, hostname), path=path)


def parse(text: str, file: str, environ: Mapping[str, str], hostname: str) -> Loaded:
    """Read a configuration from its text; `file` is its name in messages.

    Raises:
        ConfigError: as `load`.

    """
    tree, duplicates = parse_tree(text, file)
    tree, misspelt = spelled_right(tree, file)
    document = read_document(tree, environ)
    draft = Draft(document, hostname)
    findings = [each for each in document.findings if each.path not in draft.explained] + draft.findings
    mistakes = (*duplicates, *misspelt, *(_mistake(finding, document, file) for finding in findings))
    ordered = tuple(sorted(_once(mistakes), key=lambda m: (m.line, m.column, m.code)))
    if any(mistake.severity is Severity.ERROR for mistake in ordered):
        raise ConfigError(ordered)
    return Loaded(draft.config(), ordered, tuple(_from_environment(document)))


def _once(mistakes: Iterable[Mistake]) -> Iterator[Mistake]:
    """What is merged into several entries is wrong once, where it stands."""
    seen: set[tuple[int, int, str, str, str]] = set()
    for mistake in mistakes:
        path, _, message = mistake.message.partition(": ")
        said = mistake.line, mistake.column, mistake.code, path.rpartition(".")[2], message
        if said not in seen:
            yield mistake
        seen.add(said)


def _from_environment(document: Document) -> Iterator[FromEnvironment]:
    for path, variable in document.variables:
        at = document.locate(path)
        yield FromEnvironment(dotted(path), at.line, at.column, variable.name, variable.is_set)


def _mistake(finding: Finding, document: Document, file: str) -> Mistake:
    at = document.locate(finding.path, at_key=finding.at_key)
    message = f"{dotted(finding.path)}: {finding.message}" if finding.path else finding.message
    return Mistake(file, at.line, at.column, finding.code, message, finding.severity)
