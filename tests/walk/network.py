"""Machines on one switch, with the addresses that a page gives them, and somebody who watches."""

import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from ipaddress import ip_interface
from pathlib import Path

from tests.netns import client as client_program
from tests.netns.journal import Journal
from tests.netns.namespace import Namespace
from tests.netns.sightings import Answer, Hold, Sighting, holds, longest_gap, overlap
from tests.netns.watching import watch
from tests.walk.machine import Machine

TRY_EVERY = 0.002
_TRY_TIMEOUT = 0.1
_LOOK_BACK = 1000
_OBSERVER = "observer"
_CLIENT = "visitor"


class Network:
    """A LAN of machines by name, each with an address on eth0; a client of the VIP; a witness.

    The machines may have any name but `visitor` and `observer`.
    """

    def __init__(self, stack: ExitStack, addresses: Mapping[str, str], vip: str, folder: Path) -> None:
        self._stack = stack
        self.vip = vip
        self._switch = self._namespace()
        self._switch.ip("link add br0 type bridge mcast_snooping 0", "link set br0 up")
        plugged = {name: self._namespace() for name in (*addresses, _CLIENT, _OBSERVER)}
        ends = ip_interface(next(iter(addresses.values()))).network
        free = {_CLIENT: f"{ends[200]}/{ends.prefixlen}", _OBSERVER: f"{ends[201]}/{ends.prefixlen}"}
        for number, (name, address) in enumerate({**addresses, **free}.items(), 1):
            self._plug(name, number, address, plugged[name])
        self.machines = {name: Machine(stack, name, folder / name, plugged[name]) for name in addresses}
        self._client_namespace = plugged[_CLIENT]
        self.witness = self._watch(plugged)

    def _namespace(self) -> Namespace:
        made = Namespace()
        self._stack.callback(made.close)
        return made

    def _plug(self, name: str, number: int, address: str, namespace: Namespace) -> None:
        peer = f"peer name eth0 address 02:00:00:77:01:{number:02x} netns {namespace.pid}"
        self._switch.ip(f"link add p-{name} type veth {peer}", f"link set p-{name} master br0 up")
        namespace.ip(
            f"addr add {address} brd + dev eth0",
            "link set eth0 addrgenmode none",
            f"addr add fe80::{number}/64 dev eth0 nodad",
            "link set eth0 up",
        )

    def _watch(self, plugged: Mapping[str, Namespace]) -> Journal[Sighting]:
        hosts = {name: machine.namespace.pid for name, machine in self.machines.items()}
        return watch(self._stack, self.vip, self._switch.pid, plugged[_OBSERVER].pid, hosts)

    def client(self, port: int) -> "Client":
        """Start a client that asks the VIP for a page every 2 ms. The last word of the page is the host."""
        how = [self.vip, str(port), str(TRY_EVERY), str(_TRY_TIMEOUT)]
        argv = [sys.executable, client_program.__file__, *how]
        journal = Journal(self._client_namespace.spawn(argv, subprocess.PIPE), Answer)
        self._stack.callback(journal.close)
        return Client(journal)

    def holds(self) -> list[Hold]:
        """Holders of the VIP, and times."""
        return holds(self.witness.since(), self.vip)

    def holders(self) -> list[str]:
        """Present holders of the VIP."""
        return [hold.host for hold in self.holds() if hold.end == float("inf")]

    def overlap(self, since: float) -> float:
        """Seconds since then during which more than one host had the VIP."""
        return overlap(self.holds(), since, time.monotonic())

    def late(self, since: float) -> float:
        """By how much the witness's own timer was late at most since then: the control of bounds on time."""
        found = [event for event in self.witness.since() if event.kind == "late" and event.at > since]
        return max((event.about["by"] for event in found), default=0.0)


class Client:
    """What the client has seen."""

    def __init__(self, journal: Journal[Answer]) -> None:
        self.journal = journal

    def await_server(self, name: str, within: float) -> None:
        """Wait for an answer of this host from now on."""
        self.journal.wait(
            lambda answer: answer.who == name, within, self.journal.mark, f"an answer of {name}"
        )

    def gap(self, mark: int, since: float) -> float:
        """Longest time in seconds without an answer since then; `mark` was taken at that time."""
        return longest_gap(self.journal.since(max(0, mark - _LOOK_BACK)), since)
