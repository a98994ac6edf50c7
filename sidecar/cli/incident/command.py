"""`events --incident`: reads the events of all hosts, and tells one incident of them."""

import json
import sys
from argparse import Namespace
from typing import Final

from sidecar.cli import exit_codes
from sidecar.cli.control import Unreachable
from sidecar.cli.host_url import host_url
from sidecar.cli.incident.account import Account, NoSuchIncident, Unread, account
from sidecar.cli.incident.clocks import by_round_trip
from sidecar.cli.incident.document import document
from sidecar.cli.incident.hosts import elsewhere, here, nodes
from sidecar.cli.incident.report import render
from sidecar.cli.incident.timeline import Source
from sidecar.cli.unreached import unreached
from sidecar.plan.endpoints import Endpoint
from sidecar.telemetry.node_document import Unreadable

_ALONE: Final = "this host alone is read: name the other one in `nodes:`, or say --host http://ADDRESS:9650\n"


def execute(arguments: Namespace) -> int:
    """Run the verb: 0, 1 when a host was not read, 2 when there is no such incident."""
    try:
        places = arguments.host or [host_url(url) for url in nodes(arguments.socket)]
        if not places:
            sys.stderr.write(_ALONE)
        told = gathered(arguments.socket, places, arguments.incident)
    except Unreachable as unreachable:
        return unreached(unreachable)
    except (Unreadable, NoSuchIncident) as nothing:
        sys.stderr.write(f"{nothing}\n")
        return exit_codes.BROKEN
    if arguments.output == "json":
        sys.stdout.write(json.dumps(document(told), indent=1) + "\n")
    else:
        sys.stdout.write(render(told))
    return exit_codes.DEGRADED if told.unread or not places else exit_codes.OK


def gathered(socket: str, places: list[Endpoint], number: int) -> Account:
    """Return an incident as this host and those at `places` know it.

    Raises Unreachable, Unreadable: this host does not tell; NoSuchIncident.
    """
    own = here(socket)
    sources, unread = [Source(own.told.node or "this host", own.told)], list[Unread]()
    for place, answer in elsewhere(places).items():
        url = f"http://{f'[{place.host}]' if ':' in place.host else place.host}:{place.port}"
        if isinstance(answer, str):
            unread.append(Unread(url, answer))
            continue
        taken = {source.host for source in sources}
        name = url if answer.told.node in (*taken, "") else answer.told.node
        sources.append(Source(name, answer.told, by_round_trip(own.reading, answer.reading)))
    return account(sources, unread, number)
