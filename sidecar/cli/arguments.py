"""The verbs and their options. A verb is one line in the table and one module with `execute`."""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from sidecar import __version__
from sidecar.cli import exit_codes
from sidecar.cli.control import socket_path
from sidecar.cli.span import seconds_of


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: its module, its help, and which of the common options it takes."""

    module: str
    help: str
    config: bool = False
    socket: bool = False
    table: bool = False
    options: Callable[[argparse.ArgumentParser], None] | None = None
    """Adds what no other verb has."""


def _of_reload(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")


def _of_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="keepalived.conf of each host")
    parser.add_argument("--into", type=Path, metavar="DIR", help="write all files there; default: print them")
    parser.add_argument(
        "--id", action="append", metavar="NAME", help="host whose @NAME lines count; once for each host"
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=Path("/"),
        metavar="DIR",
        help="folder with the host's scripts and included files; default: /",
    )
    parser.add_argument(
        "--check-peer", action="store_true", help="say only what a keepalived beside the sidecar needs"
    )


def _of_check_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="exit with 1 if there is a warning")
    parser.add_argument(
        "--env-file",
        type=Path,
        metavar="FILE",
        help="file like .env, whose variables come before those of the environment",
    )
    parser.add_argument("--schema", action="store_true", help="print a JSON Schema of the file, for editors")


def _of_fleet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-f",
        "--targets",
        type=Path,
        required=True,
        metavar="FILE",
        help="targets of Prometheus (file_sd, JSON); labels `site` and `cluster` say who belongs together",
    )


def _of_events(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", type=_span, metavar="SPAN", help="only the last 30m, 1h, 2d ...; default: all that is kept"
    )
    parser.add_argument("--follow", action="store_true", help="go on with what comes, until interrupted")


def _of_drain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--for", dest="span", type=_span, metavar="SPAN", help="30m, 2h ...: contend again after that"
    )
    parser.add_argument(
        "--force", action="store_true", help="even if nobody else is known to be able to serve"
    )


def _span(text: str) -> float:
    try:
        return seconds_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _of_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--observer-user",
        type=_user,
        metavar="UID:GID[,GROUP...]",
        help="user of the process that runs checks and serves HTTP; a group is a number or a file that has "
        "it, such as the Docker socket; needs SETUID and SETGID, which are dropped then; "
        "default: the user of the router",
    )


def _user(text: str) -> object:
    from sidecar.router.observer_user import parsed  # noqa: PLC0415 - `run` alone has this option

    try:
        return parsed(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


VERBS: Final = {
    "run": Verb("run", "run the sidecar in the foreground", config=True, options=_of_run),
    "check-config": Verb(
        "check_config",
        "say everything that is wrong with a configuration",
        config=True,
        table=True,
        options=_of_check_config,
    ),
    "status": Verb("status", "show who serves, since when and why", socket=True, table=True),
    "events": Verb("events", "show what has happened, and why", socket=True, table=True, options=_of_events),
    "reload": Verb(
        "reload",
        "read the configuration again and apply it",
        socket=True,
        table=True,
        options=_of_reload,
    ),
    "drain": Verb("drain", "keep the VIPs away from this host", socket=True, table=True, options=_of_drain),
    "undrain": Verb("undrain", "let this host contend again", socket=True, table=True),
    "failover": Verb(
        "failover",
        "give the VIPs to the other host, for 10m or --for",
        socket=True,
        table=True,
        options=_of_drain,
    ),
    "healthcheck": Verb("healthcheck", "exit 0 when this host serves or stands by", socket=True),
    "import": Verb(
        "import_keepalived",
        "translate the keepalived.conf of a host or a pair",
        table=True,
        options=_of_import,
    ),
    "fleet": Verb(
        "fleet.command",
        "say which of many virtual routers are served, and by whom",
        table=True,
        options=_of_fleet,
    ),
    "cleanup": Verb("cleanup", "remove VIPs that a dead sidecar left behind", config=True),
    "version": Verb("version", "print the version"),
}

CONFIG: Final = Path("/etc/vip-sidecar/config.yaml")
"""Where the configuration is in a container, whose folder is mounted."""
_EPILOG = (
    "exit codes: 0 ok, 1 degraded, 2 wrong usage or configuration, no VIP holder or fault, "
    "3 the sidecar is unreachable"
)


def execute(words: list[str]) -> int:
    """Parse the command line and run the verb. Wrong usage exits 2 with a message."""
    arguments = parser().parse_args(words)
    verb = VERBS[arguments.verb]
    run: Callable[[argparse.Namespace], int] = import_module(f"sidecar.cli.{verb.module}").execute
    if not verb.table:
        return run(arguments)
    try:
        code = run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # `vip-sidecar status | head`: the reader has seen enough. Python would complain at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_codes.OK
    return code


def parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs."""
    top = argparse.ArgumentParser(prog="vip-sidecar", description="One VIP for two hosts.", epilog=_EPILOG)
    top.add_argument("--version", action="version", version=f"vip-sidecar {__version__}")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, verb in VERBS.items():
        sub = verbs.add_parser(name, help=verb.help, description=verb.help, epilog=_EPILOG)
        if verb.config:
            sub.add_argument(
                "-c",
                "--config",
                type=Path,
                default=CONFIG,
                metavar="FILE",
                help="configuration file; default: %(default)s",
            )
        if verb.socket:
            sub.add_argument(
                "--socket",
                default=socket_path(),
                metavar="PATH",
                help="control socket; default: $VIP_SIDECAR_SOCKET or %(default)s",
            )
        if verb.options is not None:
            verb.options(sub)
        if verb.table:
            sub.add_argument("-o", "--output", choices=("table", "json"), default="table", help="format")
    return top
