"""`check-config`: everything that is wrong with a file, or what it says in short. Touches nothing."""

import json
import os
import socket
import sys
from argparse import Namespace
from pathlib import Path

from sidecar.cli import exit_codes
from sidecar.cli.configuration import said
from sidecar.config.env_file import read_env_file
from sidecar.config.load import Loaded, load
from sidecar.config.mistake import ConfigError, Mistake, Severity
from sidecar.config.model import Config
from sidecar.config.notes import Note, host_findings, of_the_file
from sidecar.config.params import node_params
from sidecar.config.router.virtual_router import VirtualRouter
from sidecar.plan.move_costs import MoveCosts, costs_of


def execute(arguments: Namespace) -> int:
    """Run the verb."""
    if arguments.schema:
        from sidecar.config.schema import schema  # noqa: PLC0415 - most runs do not need it

        sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
        return exit_codes.OK
    try:
        environ = os.environ | (read_env_file(arguments.env_file, os.environ) if arguments.env_file else {})
        loaded = load(arguments.config, environ, socket.gethostname())
    except ConfigError as error:
        return _refused(arguments, error.mistakes)
    notes = (*of_the_file(loaded.config), *host_findings(node_params(loaded.config).routers))
    return _accepted(arguments, loaded, notes)


def _refused(arguments: Namespace, mistakes: tuple[Mistake, ...]) -> int:
    if arguments.output == "json":
        _write_json(arguments.config, [_mistake(each) for each in mistakes], None)
    else:
        sys.stderr.write(said(mistakes, arguments.config, asks=arguments.env_file is None))
    return exit_codes.BROKEN


def _accepted(arguments: Namespace, loaded: Loaded, notes: tuple[Note, ...]) -> int:
    if arguments.output == "json":
        findings = [*map(_mistake, loaded.warnings), *(_note(note, arguments.config) for note in notes)]
        _write_json(arguments.config, findings, loaded.config)
    else:
        sys.stderr.writelines(f"{each}\n" for each in (*loaded.warnings, *notes))
        sys.stdout.write(summary(loaded.config))
    return exit_codes.DEGRADED if arguments.strict and (loaded.warnings or notes) else exit_codes.OK


def summary(config: Config) -> str:
    """Return what the configuration means, two lines for each virtual router; the second: what moves cost."""
    lines = [f"ok: node {config.node}, checks: {', '.join(config.checks) or 'none'}"]
    costs = {router.name: costs_of(router) for router in node_params(config).routers}
    for name, router in config.virtual_routers.items():
        addresses = ", ".join(str(address) for address in router.addresses)
        lines.append(
            f"ok: {name}: VRID {router.vrid} on {router.interface}, priority {router.priority}, {addresses}"
        )
        lines.append(f"    {costs[name].sentence}")
    for name, pool in config.pools.items():
        lines.append(f"ok: pool {name}: upstream {pool.upstream}, servers: {len(pool.servers)}, {pool.file}")
    return "\n".join(lines) + "\n"


def _mistake(mistake: Mistake) -> dict[str, object]:
    return {
        "file": mistake.file,
        "line": mistake.line,
        "column": mistake.column,
        "severity": mistake.severity.value,
        "code": mistake.code,
        "message": mistake.message,
    }


def _note(note: Note, file: Path) -> dict[str, object]:
    """A warning about the file as a whole: it has no line."""
    return {
        "file": str(file),
        "line": None,
        "column": None,
        "severity": Severity.WARNING.value,
        "code": note.code,
        "message": note.message,
    }


def _write_json(file: Path, findings: list[dict[str, object]], config: Config | None) -> None:
    errors = sum(finding["severity"] == Severity.ERROR for finding in findings)
    routers = {} if config is None else config.virtual_routers
    costs = {} if config is None else {each.name: costs_of(each) for each in node_params(config).routers}
    document = {
        "file": str(file),
        "valid": config is not None,
        "errors": errors,
        "warnings": len(findings) - errors,
        "findings": findings,
        "virtual_routers": [_router(name, router, costs[name]) for name, router in routers.items()],
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


def _router(name: str, router: VirtualRouter, costs: MoveCosts) -> dict[str, object]:
    return {
        "name": name,
        "vrid": router.vrid,
        "interface": router.interface,
        "priority": router.priority,
        "addresses": [str(address) for address in router.addresses],
        "costs": {
            "stop_seconds": round(costs.stop, 3),
            "crash_seconds": round(costs.crash, 3),
            "restart_within_seconds": costs.restart,
            "sentence": costs.sentence,
        },
    }
