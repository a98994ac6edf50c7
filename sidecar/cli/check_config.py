"""`check-config`: everything that is wrong with a file, or what it says in short. Touches nothing."""

import sys
from argparse import Namespace

from sidecar.cli import exit_codes
from sidecar.cli.configuration import read
from sidecar.config.host_findings import host_findings
from sidecar.config.model import Config
from sidecar.config.params import node_params


def execute(arguments: Namespace) -> int:
    """Run the verb."""
    loaded = read(arguments.config)
    if loaded is None:
        return exit_codes.BROKEN
    findings = host_findings(node_params(loaded.config).routers)
    sys.stderr.writelines(f"{warning}\n" for warning in (*loaded.warnings, *findings))
    sys.stdout.write(summary(loaded.config))
    return exit_codes.OK


def summary(config: Config) -> str:
    """Return what the configuration means, one line for each virtual router."""
    lines = [f"ok: node {config.node}, checks: {', '.join(config.checks) or 'none'}"]
    for name, router in config.virtual_routers.items():
        addresses = ", ".join(str(address) for address in router.addresses)
        lines.append(
            f"ok: {name}: VRID {router.vrid} on {router.interface}, priority {router.priority}, {addresses}"
        )
    for name, pool in config.pools.items():
        lines.append(f"ok: pool {name}: upstream {pool.upstream}, servers: {len(pool.servers)}, {pool.file}")
    return "\n".join(lines) + "\n"
