"""From words to a verb and its options, and then to what the verb does."""

import argparse
import gc
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from sidecar import __version__
from sidecar.cli import exit_codes
from sidecar.cli.arguments import CONFIG, VERBS, Verb
from sidecar.cli.control import SOCKET, socket_path
from sidecar.cli.exits import GENERAL, Exits
from sidecar.cli.streams import reader_is_gone, takes_nothing
from sidecar.cli.suggest import no_verb, not_taken


def execute(words: list[str]) -> int:
    """Parse the command line and run the verb. Wrong usage exits 2 with a message."""
    arguments = parsed(words)
    verb = VERBS[arguments.verb]
    gc.disable()  # what is loaded now stays until the end
    run: Callable[[argparse.Namespace], int] = import_module(f"sidecar.cli.{verb.module}").execute
    gc.enable()
    if not verb.table:
        return run(arguments)
    try:
        code = run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        reader_is_gone()  # `vip-sidecar status | head`
        return exit_codes.OK
    except KeyboardInterrupt:
        # Nobody wants a traceback, and a shell tells by the signal that somebody has interrupted.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.raise_signal(signal.SIGINT)
        raise
    except OSError as error:
        if not takes_nothing(error):
            raise
        reader_is_gone()
        with suppress(OSError):
            sys.stderr.write(f"cannot write the output: {error.strerror}\n")
        return exit_codes.BROKEN
    return code


def parsed(words: list[str]) -> argparse.Namespace:
    """Return the options of a command line. Wrong usage exits 2 and says what may be meant."""
    top, verbs = parsers()
    named = next((word for word in words if not word.startswith("-")), None)
    if named is not None and named not in verbs:
        top.error(no_verb(named, tuple(verbs)))
    arguments, rest = top.parse_known_args(words)
    if rest:
        chosen = verbs[arguments.verb]
        options = (option for action in actions(chosen) for option in action.option_strings)
        chosen.error(not_taken(rest, arguments.verb, options))
    return arguments


def actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return all options of a verb. The library has no public list of them."""
    return parser._actions  # noqa: SLF001


def parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """Return the parser of the command and that of each verb."""
    top = argparse.ArgumentParser(
        prog="vip-sidecar", description="One VIP for two hosts.", epilog=_codes(GENERAL)
    )
    top.add_argument("--version", action="version", version=f"vip-sidecar {__version__}")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    subs = {}
    for name, verb in VERBS.items():
        sub = verbs.add_parser(name, help=verb.help, description=verb.help, epilog=_codes(verb.exits))
        _take_options(sub, verb)
        subs[name] = sub
    return top, subs


def _codes(exits: Exits) -> str:
    return "exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in exits.items())


def _take_options(sub: argparse.ArgumentParser, verb: Verb) -> None:
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
            help=f"control socket; default: $VIP_SIDECAR_SOCKET or {SOCKET}",
        )
    if verb.options is not None:
        verb.options(sub)
    if verb.table:
        sub.add_argument(
            "-o",
            "--output",
            choices=("table", "json"),
            default="table",
            help="json: for scripts; default: table",
        )
