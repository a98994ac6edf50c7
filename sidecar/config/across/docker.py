"""Features that ask the Docker engine need the section that says where it is."""

from collections.abc import Iterable, Iterator

from sidecar.config.check.base import CheckModel
from sidecar.config.check.kinds import kinds_of
from sidecar.config.entry import Entry
from sidecar.config.mistake import Finding
from sidecar.config.pool.pool import Pool

_MEND = "needs the Docker engine, and there is no `docker:` section; "
_LINE = "add `docker: {url: unix:///run/docker-proxy/docker.sock}`, the socket of the filter (docs/docker.md)"


def without_engine(checks: Iterable[Entry[CheckModel]], pools: Iterable[Entry[Pool]]) -> Iterator[Finding]:
    """Return what is said where there is no `docker:` section."""
    for check in checks:
        for model in kinds_of(check.given):
            if model.needs_docker:
                message = f"a {model.kind} check {_MEND}{_LINE}"
                yield Finding((*check.path, model.kind), "no-docker", message, at_key=True)
    for pool in pools:
        if "reload" not in pool.wrong and pool.model.reload.container is not None:
            message = f"telling a container {_MEND}{_LINE}"
            yield Finding((*pool.path, "reload", "container"), "no-docker", message, at_key=True)
