"""The hosts of docs/hosts.md and docs/operations.md: nginx, a closed firewall, a clone; systemd by Units."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tests.netns.webserver import PORT, await_listening, nginx
from tests.walk.network import Network
from tests.walk.page import ROOT
from tests.walk.units import Units
from tests.walk.walker import logs

HOSTS: Final = {"lb1": "192.0.2.11/24", "lb2": "192.0.2.12/24"}
BOTH: Final = {"both": tuple(HOSTS)}
VIP: Final = "192.0.2.100"
_OTHERS: Final = {"gateway": "192.0.2.1/24", "client": "192.0.2.10/24"}
_CLOSED: Final = f"""
table inet filter {{
    chain input {{
        type filter hook input priority 0; policy drop;
        iif lo accept
        ct state established,related accept
        meta l4proto icmp accept
        tcp dport {PORT} accept
    }}
}}
"""


@contextmanager
def two_hosts(folder: Path) -> Iterator[Network]:
    """Make them; what they ran is printed at the end, for a failure."""
    folder.chmod(0o755)
    with ExitStack() as stack:
        network = Network(stack, {**HOSTS, **_OTHERS}, VIP, folder)
        for name in HOSTS:
            machine = network.machines[name]
            for linked in ("examples", "packaging"):
                (machine.folder / linked).symlink_to(ROOT / linked)
            machine.namespace.run("nft", "-f", "-", stdin=_CLOSED)
            server = nginx(machine.namespace, name, machine.folder / "nginx")
            units = Units(machine, {"nginx": server.argv})
            units.services["nginx"] = server
            server.start()
            await_listening(machine.namespace, server)
        try:
            yield network
        finally:
            print(logs(folder))
