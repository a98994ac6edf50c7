"""The verbs and their options. A verb is one line in the table and one module with `execute`."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sidecar.cli import exits, run_words, values
from sidecar.cli.exits import GENERAL, Exits
from sidecar.cli.watch import EVERY


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: its module, its help, and which of the common options it takes."""

    module: str
    help: str
    config: bool = False
    socket: bool = False
    table: bool = False
    """It prints what a script may want to read: `-o json`."""
    exits: Exits = field(default_factory=lambda: GENERAL)
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


def _env_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--env-file",
        type=Path,
        metavar="FILE",
        help="file like .env, whose variables come before those of the environment",
    )


def _of_check_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="exit with 1 if there is a warning")
    _env_file(parser)
    parser.add_argument("--schema", action="store_true", help="print a JSON Schema of the file, for editors")


def _of_doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pre", action="store_true", help="before the first start: no sidecar runs here")
    _env_file(parser)


def _of_fleet(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-f",
        "--targets",
        type=Path,
        required=True,
        metavar="FILE",
        help="targets of Prometheus (file_sd); labels `site` and `cluster` say who belongs together",
    )
    lasting = parser.add_mutually_exclusive_group()
    _watch(lasting)
    lasting.add_argument(
        "--serve",
        nargs="?",
        type=values.listen,
        const=values.listen("127.0.0.1:9660"),
        metavar="ADDRESS:PORT",
        help="show it as a page, default: 127.0.0.1:9660; whoever may connect may read it",
    )


def _of_status(parser: argparse.ArgumentParser) -> None:
    _watch(parser)


def _watch(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--watch",
        nargs="?",
        type=values.pause,
        const=EVERY,
        metavar="SPAN",
        help="show it again every second, or every 5s ...; Ctrl-C ends, with the exit code of the last state",
    )


def _of_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("router", nargs="?", metavar="ROUTER", help="virtual router; default: all of them")
    parser.add_argument(
        "--if",
        dest="supposed",
        action="append",
        default=[],
        metavar="WHAT",
        help="say what would follow: CHECK=down, CHECK=up, peer=silent, peer=resigns, priority=N, drain=on; "
        "several of them are supposed together",
    )


def _of_events(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since",
        type=values.span,
        metavar="SPAN",
        help="only the last 30m, 1h, 2d ...; default: all that is kept",
    )
    parser.add_argument("--follow", action="store_true", help="go on with what comes, until interrupted")
    parser.add_argument(
        "--incident",
        nargs="?",
        type=values.count,
        const=1,
        metavar="N",
        help="the last move of VIPs, or the Nth from the end, by the events of all hosts, from its cause to "
        "how long visitors waited; as Markdown, or JSON",
    )
    parser.add_argument(
        "--host",
        action="append",
        type=values.host,
        metavar="URL",
        help="with --incident: status server of another host, http://10.77.0.12:9650; "
        "default: those of `nodes:`",
    )


def _of_drill(parser: argparse.ArgumentParser) -> None:
    _env_file(parser)
    parser.add_argument(
        "--hold", type=values.span, metavar="SPAN", help="how long the other host serves; default: 5s"
    )


def _of_drain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--for", dest="span", type=values.term, metavar="SPAN", help="30m, 2h ...: contend again after that"
    )
    parser.add_argument(
        "--force", action="store_true", help="even if nobody else is known to be able to serve"
    )


def _of_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--observer-user",
        type=values.user,
        metavar="UID:GID[,GROUP...]",
        help="user of the process that runs checks and serves HTTP; a group is a number or a file that has "
        "it, such as the Docker socket; needs SETUID and SETGID, which are dropped then; "
        "default: the user of the router",
    )


VERBS: Final = {
    "run": Verb("run", "run the sidecar in the foreground", config=True, exits=exits.RUN, options=_of_run),
    "check-config": Verb(
        "check_config",
        "say everything that is wrong with a configuration",
        config=True,
        table=True,
        exits=exits.CHECK_CONFIG,
        options=_of_check_config,
    ),
    "status": Verb(
        "status",
        "show who serves, since when and why",
        socket=True,
        table=True,
        exits=exits.STATUS,
        options=_of_status,
    ),
    "explain": Verb(
        "explain.command",
        "say why, every number with its origin, and what comes",
        socket=True,
        table=True,
        exits=exits.EXPLAIN,
        options=_of_explain,
    ),
    "events": Verb(
        "events",
        "show what has happened, and why",
        socket=True,
        table=True,
        exits=exits.EVENTS,
        options=_of_events,
    ),
    "doctor": Verb(
        "doctor",
        "find mistakes of host, network and file before visitors do",
        config=True,
        socket=True,
        table=True,
        exits=exits.DOCTOR,
        options=_of_doctor,
    ),
    "reload": Verb(
        "reload",
        "read the configuration again and apply it",
        socket=True,
        table=True,
        exits=exits.RELOAD,
        options=_of_reload,
    ),
    "drain": Verb(
        "drain",
        "keep the VIPs away from this host",
        socket=True,
        table=True,
        exits=exits.DRAIN,
        options=_of_drain,
    ),
    "undrain": Verb("undrain", "let this host contend again", socket=True, table=True, exits=exits.UNDRAIN),
    "failover": Verb(
        "failover",
        "give the VIPs to the other host, for 10m or --for",
        socket=True,
        table=True,
        exits=exits.DRAIN,
        options=_of_drain,
    ),
    "drill": Verb(
        "drill.command",
        "move the VIPs to the other host and back, and measure how long visitors wait",
        config=True,
        socket=True,
        table=True,
        exits=exits.DRILL,
        options=_of_drill,
    ),
    "healthcheck": Verb(
        "healthcheck",
        "exit 0 when this host serves or stands by",
        socket=True,
        table=True,
        exits=exits.HEALTHCHECK,
    ),
    "import": Verb(
        "import_keepalived",
        "translate the keepalived.conf of a host or a pair",
        table=True,
        exits=exits.IMPORT,
        options=_of_import,
    ),
    "fleet": Verb(
        "fleet.command",
        "say which of many virtual routers are served, and by whom",
        table=True,
        exits=exits.FLEET,
        options=_of_fleet,
    ),
    "cleanup": Verb(
        "cleanup",
        "remove VIPs that a dead sidecar left behind",
        config=True,
        table=True,
        exits=exits.CLEANUP,
        options=_env_file,
    ),
    "version": Verb("version", "print the version", table=True, exits=exits.ALWAYS),
}

CONFIG: Final = Path(run_words.CONFIG)
"""Where the configuration is in a container, whose folder is mounted."""
