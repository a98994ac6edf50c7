"""Rules about checks."""

import re
from collections.abc import Iterator, Mapping, Sequence

from sidecar.config.kind_rules import KIND_RULES, POLLED_KEYS
from sidecar.config.mistake import Finding, Severity, did_you_mean, quoted
from sidecar.config.model import KINDS, POLLED, Check
from sidecar.config.router_model import VirtualRouter
from sidecar.config.rules import LABEL, rule, warning
from sidecar.config.shape import Entry
from sidecar.config.unsupported import CHECK

_MIN_EVERY, _MAX_EVERY = 0.05, 3600.0
_MIN_TIMEOUT, _MAX_TIMEOUT = 0.01, 60.0


def _kinds(entry: Entry[Check]) -> list[str]:
    return [kind for kind in KINDS if kind in entry.given]


@rule()
def check_name(entry: Entry[Check]) -> Iterator[Finding]:
    """A check's name is a label."""
    name = str(entry.path[-1])
    if not re.fullmatch(LABEL, name):
        message = f"{quoted(name)} is no check name; use 1 to 32 letters, digits, _ or -"
        yield Finding(entry.path, "name", message, at_key=True)


@rule()
def one_kind(entry: Entry[Check]) -> Iterator[Finding]:
    """A check asks one question."""
    kinds, every = _kinds(entry), ", ".join(KINDS)
    if len(kinds) > 1:
        message = f"{' and '.join(kinds)} are two kinds in one check; make a check of each"
        yield Finding((*entry.path, kinds[1]), "check-kind", message, at_key=True)
    unknown = entry.given - Check.model_fields.keys()
    mistyped = any(did_you_mean(key, KINDS) for key in unknown) or unknown & CHECK.keys()
    if not kinds and not mistyped:
        message = f"this check has no kind; add exactly one of {every}"
        yield Finding(entry.path, "check-kind", message, at_key=True)


@rule()
def polled_only(entry: Entry[Check]) -> Iterator[Finding]:
    """Event-driven kinds have no period."""
    kinds = _kinds(entry)
    if len(kinds) != 1 or kinds[0] in POLLED:
        return
    for key in POLLED_KEYS:
        if key in entry.given:
            message = f"a {kinds[0]} check is told by events and has no `{key}`; remove it"
            yield Finding((*entry.path, key), "polled-only", message, at_key=True)


@rule("every")
def every_range(entry: Entry[Check]) -> Iterator[Finding]:
    """The period is bounded below by what a probe costs."""
    every = entry.model.every
    if every is not None and not _MIN_EVERY <= every <= _MAX_EVERY:
        yield Finding((*entry.path, "every"), "every-range", "out of range; write 50ms to 1h")


@rule("timeout")
def timeout_range(entry: Entry[Check]) -> Iterator[Finding]:
    """A timeout of zero would fail every run."""
    timeout = entry.model.timeout
    if timeout is not None and not _MIN_TIMEOUT <= timeout <= _MAX_TIMEOUT:
        yield Finding((*entry.path, "timeout"), "timeout-range", "out of range; write 10ms to 1m")


@rule("every", "timeout")
def timeout_within_every(entry: Entry[Check]) -> Iterator[Finding]:
    """Runs of a check never overlap, so a long timeout stretches the period."""
    check = entry.model
    if check.timeout is not None and check.timeout > check.interval:
        message = (
            f"longer than `every` ({check.interval:g}s): a hung target delays the next run; make it shorter"
        )
        yield warning((*entry.path, "timeout"), "timeout-over-every", message)


@rule()
def http_only(entry: Entry[Check]) -> Iterator[Finding]:
    """Only an HTTP answer has a status and a body."""
    kinds = _kinds(entry)
    if kinds and "http" not in kinds and "expect" in entry.given:
        message = f"a {kinds[0]} check has no answer to compare; remove `expect`, or use an http check"
        yield Finding((*entry.path, "expect"), "http-only", message, at_key=True)


@rule("on_fail")
def container_only(entry: Entry[Check]) -> Iterator[Finding]:
    """Docker restarts containers and nothing else."""
    kinds = _kinds(entry)
    if kinds and "container" not in kinds and "on_fail" in entry.given:
        message = f"a {kinds[0]} check has nothing to restart; remove `on_fail`, or use a container check"
        yield Finding((*entry.path, "on_fail"), "container-only", message, at_key=True)


CHECK_RULES = (
    check_name,
    one_kind,
    polled_only,
    every_range,
    timeout_range,
    timeout_within_every,
    http_only,
    container_only,
    *KIND_RULES,
)


def needs_docker(entry: Entry[Check], *, has_docker: bool) -> Iterator[Finding]:
    """A container check asks the Docker engine."""
    if "container" in entry.given and not has_docker:
        message = (
            "a container check needs the Docker engine, and there is no `docker:` section; "
            "add the line `docker: {url: unix:///var/run/docker.sock}`"
        )
        yield Finding((*entry.path, "container"), "no-docker", message, at_key=True)


def unused(checks: Mapping[str, Entry[Check]], routers: Sequence[Entry[VirtualRouter]]) -> Iterator[Finding]:
    """A check that no router names decides nothing."""
    if not routers or any("checks" in r.wrong or r.model.checks is None for r in routers):
        return
    named = {name for router in routers for name in router.model.checks or ()}
    if named - checks.keys():
        return
    for name, entry in checks.items():
        if name not in named:
            message = (
                f"no virtual router names check {quoted(name)}, so it decides nothing; name it, or remove it"
            )
            yield Finding(entry.path, "check-unused", message, Severity.WARNING, at_key=True)
