"""Commands to copy, those first that belong to the situation. Pure."""

from collections.abc import Iterator

from sidecar.telemetry.document import Status
from sidecar.telemetry.page.model import Command
from sidecar.telemetry.plain_words import printable
from sidecar.telemetry.verdict import Level


def commands(status: Status, level: Level) -> tuple[Command, ...]:
    """Return them."""
    return tuple(_commands(status, level))


def _commands(status: Status, level: Level) -> Iterator[Command]:
    routers = status["virtual_routers"]
    if status["drain"] is not None:
        yield Command("vip-sidecar undrain", "ends the drain")
    if level is not Level.OK:
        devices = sorted({printable(router["device"]) for router in routers if router["device"]})
        if devices:
            yield Command(
                f"tcpdump -ni {devices[0]} -c 5 ip proto 112", "adverts that this host sends and hears"
            )
        yield Command("vip-sidecar check-config", "every mistake of the file")
    if status["drain"] is None and any(router["state"] == "MASTER" for router in routers):
        yield Command("vip-sidecar drain --for 30m", "keeps the VIPs away from this host for half an hour")
    yield Command("vip-sidecar status", "the same as a table, with an exit code")
    yield Command("vip-sidecar events --since 1h", "what happened on this host")
    if status["nodes"]:
        yield Command("vip-sidecar status -o json", "all that is known, of the other hosts too")
