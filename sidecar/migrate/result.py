"""All that an import makes: the files, the report in data, and whether our own reader takes the result."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sidecar.config.load import parse
from sidecar.config.mistake import ConfigError, Mistake, Severity
from sidecar.migrate.compose_file import compose_file
from sidecar.migrate.config_file import ConfigFile
from sidecar.migrate.env_file import env_file
from sidecar.migrate.finding import Finding, Verdict
from sidecar.migrate.hearing import unheard
from sidecar.migrate.leverage import weak_weights
from sidecar.migrate.pair import Joined, join
from sidecar.migrate.peer import peer_lines
from sidecar.migrate.translate import Translation

CONFIG = "config/config.yaml"
COMPOSE = "docker-compose.sidecar.yml"
_LATER = frozenset({"program", "key-file", "key-exposed", "ca"})
"""Mistakes about files that are copied where the result is used."""
_STAND_IN = {"SOURCE": "192.0.2.1"}


@dataclass(slots=True)
class Result:
    """The result of an import. `files` are paths and texts; `mistakes` are those of our own reader."""

    hosts: Sequence[Translation]
    joined: Joined
    files: dict[str, str] = field(default_factory=dict)
    secret_files: dict[str, str] = field(default_factory=dict)
    copies: dict[str, str] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()
    peer: tuple[str, ...] = ()

    @property
    def findings(self) -> list[Finding]:
        """The lines of all hosts, each once: a file may be that of several, a word for several routers."""
        return list(dict.fromkeys(finding for host in self.hosts for finding in host.findings.items))

    @property
    def errors(self) -> list[Mistake]:
        """Reasons why the result cannot be used."""
        return [mistake for mistake in self.mistakes if mistake.severity is Severity.ERROR]

    @property
    def undecided(self) -> bool:
        """Whether a person has to look at something."""
        return bool(self.joined.disagreements) or any(f.verdict is Verdict.DECIDE for f in self.findings)


def result(hosts: Sequence[Translation]) -> Result:
    """Join the hosts, write their files, and read the result as `check-config` does."""
    joined = join(hosts)
    joined.disagreements += [*unheard(hosts), *weak_weights(hosts)]
    files = list(dict.fromkeys(host.file for host in hosts))
    labels = {files[0]: ""} if len(files) == 1 else {file: _short(file, files) for file in files}
    made = Result(hosts, joined)
    made.files[CONFIG] = ConfigFile(joined.entries, labels, " ".join(files)).text()
    for host in hosts:
        name = ".env" if len(hosts) == 1 else f"{host.host}.env"
        made.files[name] = env_file(joined.environments[host.host], host.host)
        made.copies.update(host.copies)
        for key in host.key_files:
            made.secret_files[f"config/{posixpath.basename(key.path)}"] = key.content
    made.files[COMPOSE] = compose_file(joined.entries)
    made.mistakes = _read(made.files[CONFIG], joined)
    made.peer = tuple(peer_lines(joined.entries))
    return made


def _short(file: str, files: Sequence[str]) -> str:
    """Return the name of a file, with its folder where the name is not enough."""
    name = posixpath.basename(file)
    same = [other for other in files if posixpath.basename(other) == name]
    return name if len(same) == 1 else posixpath.join(posixpath.basename(posixpath.dirname(file)), name)


def _read(text: str, joined: Joined) -> tuple[Mistake, ...]:
    """Read the result as each host does. A value that is to be filled in is taken for a usual one."""
    found: dict[Mistake, None] = {}
    if not joined.entries.routers:
        return (
            Mistake(
                CONFIG, 1, 1, "no-router", "the files have no virtual router in common; import each alone"
            ),
        )
    for host, environment in joined.environments.items():
        try:
            mistakes: Sequence[Mistake] = parse(text, CONFIG, _filled(environment), host).warnings
        except ConfigError as error:
            mistakes = error.mistakes
        found.update(dict.fromkeys(mistake for mistake in mistakes if mistake.code not in _LATER))
    return tuple(found)


def _filled(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value or _STAND_IN.get(name.split("_", maxsplit=1)[0], "")
        for name, value in environment.items()
    }
