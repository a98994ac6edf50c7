"""The stage: a LAN with hosts, each with a real nginx and a VRRP daemon, a client of the VIP, a witness."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from ipaddress import ip_interface
from pathlib import Path
from types import TracebackType
from typing import Self

from sidecar.net.addresses.request_socket import RequestSocket
from sidecar.net.addresses.writer import Lease, _addition
from sidecar.net.kernel.host_address import HOST_SCOPE
from tests.netns.bounds import BUSY, HANDOVER, SLOWER, WAKES
from tests.netns.journal import Journal
from tests.netns.lan import Lan, address
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.sightings import Answer, Hold, Sighting, holds, overlap
from tests.netns.taking_part import await_part, size
from tests.netns.vrrp_daemon import Daemon, Setup, sidecar
from tests.netns.watching import watch
from tests.netns.webserver import PORT, await_listening, nginx

_HERE = Path(__file__).parent
_FOLDER = "vip-lab-"
_HOSTS = "abcd"
_PRIORITIES = (250, 240, 230, 220)
_JOINED = {4: ("igmp", "120000E0"), 6: ("igmp6", "ff020000000000000000000000000012")}
_OPEN = {4: ("raw", ":0070"), 6: ("raw6", ":0070")}
"""Where the kernel says that somebody listens to the VRRP group, or has a socket of protocol 112."""
_TRY_EVERY = 0.01
CLOSELY = 0.002
"""Seconds between two requests where a figure is measured or a gap of a few milliseconds counts. It costs a
seventh of a processor, the usual pace a fortieth: the labs beside this one need it.
"""
_TRY_TIMEOUT = 0.1
_PAUSE = 0.01
SOLE = 5.0
"""Seconds to wait until one host alone has the VIP."""
PATIENT = 0.8
"""Seconds of a try for tests that count lost requests: less than the kernel waits before it repeats a SYN."""


@dataclass(frozen=True, slots=True)
class Host:
    """One host of the lab."""

    name: str
    address: str
    priority: int
    namespace: Namespace
    nginx: Service
    daemon: Service


class Lab:
    """Use as a context manager. nginx, client and witness run from the start; daemons when they are started.

    Hosts are called a, b, ... in falling priority, and run the same daemon or each its own. A request of the
    client, one every `every` seconds, fails after `patience` seconds. If the block fails, the daemons' logs
    are attached to the exception, and what was seen last.
    """

    def __init__(
        self,
        setup: Setup | None = None,
        daemon: Daemon | Mapping[str, Daemon] = sidecar,
        hosts: int = 2,
        priorities: Sequence[int] = _PRIORITIES,
        *,
        rogue: bool = False,
        patience: float = _TRY_TIMEOUT,
        every: float = _TRY_EVERY,
    ) -> None:
        self.setup = setup or Setup()
        self._names = _HOSTS[:hosts]
        self._daemons = daemon if isinstance(daemon, Mapping) else dict.fromkeys(self._names, daemon)
        self._priorities = priorities
        self._rogue = rogue
        self._patience = patience
        self._every = every
        self._stack = ExitStack()
        self.settled = 0.0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            _sweep()
            prefix = f"{_FOLDER}{os.getpid()}-"
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix)))
            self.lan = Lan(stack, self._names, rogue=self._rogue)
            pairs = zip(self._names, self._priorities, strict=False)
            self.hosts = {name: self._host(name, priority, folder) for name, priority in pairs}
            self.witness = self._watch(stack)
            for host in self.hosts.values():
                host.nginx.start()
                stack.callback(host.nginx.kill)
                stack.callback(host.daemon.kill)
            for host in self.hosts.values():
                await_listening(host.namespace, host.nginx)
            self.client = self._client(stack)
            self._stack = stack.pop_all()
        return self

    def _host(self, name: str, priority: int, folder: Path) -> Host:
        namespace = self.lan.members[name]
        webserver = nginx(namespace, name, folder / name / "nginx")
        daemon = self._daemons[name](namespace, name, priority, folder / name, self.setup)
        return Host(name, address(name), priority, namespace, webserver, daemon)

    def _watch(self, stack: ExitStack) -> Journal[Sighting]:
        hosts = {name: host.namespace.pid for name, host in self.hosts.items()}
        observer = self.lan.members["observer"]
        return watch(stack, self.setup.vip, self.lan.switch.pid, observer.pid, hosts)

    def _client(self, stack: ExitStack) -> Journal[Answer]:
        how = [self.setup.vip, str(PORT), str(self._every), str(self._patience)]
        argv = [sys.executable, str(_HERE / "client.py"), *how]
        client = Journal(self.lan.members["client"].spawn(argv, subprocess.PIPE), Answer)
        stack.callback(client.close)
        return client

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            if error is not None:
                for host in self.hosts.values():
                    error.add_note(_tail(host.daemon.log))
                seen = [event for event in self.witness.since() if event.kind not in ("answered", "late")]
                error.add_note(
                    "\n".join(map(str, ["--- witness, client", *seen[-12:], *self.client.since()[-2:]]))
                )

    def start(self, names: Sequence[str] | None = None, *, together: bool = False) -> None:
        """Start the daemons, of all hosts if none is named; wait until all listen and the best alone serves.

        The first one listens before the others start: else a slow machine lets another serve before it.
        `together`: all at once; another may serve for a moment then, and with `preempt: false` for ever.
        All others have been sent an advertisement of the best one: a host that serves before it advertises
        is not known to anybody yet, and the others' first timers run on when it dies then.
        """
        chosen = [self.hosts[name] for name in names or self._names]
        written = {host.name: size(host.daemon.log) for host in chosen}
        mark = self.client.mark
        for host in chosen:
            host.daemon.start()
            if host is chosen[0] and not together:
                self.await_listening(host.name)
        best = chosen[0].name
        for host in chosen:
            self.await_listening(host.name)
            await_part(host.daemon.log, written[host.name])
        seen = self.witness.mark
        self.await_server(best, mark=mark)
        self.await_sole(best)
        self.await_sighting("advert", best, 3 * self.setup.interval + 5, seen)
        self.settled = time.monotonic()

    def await_listening(self, name: str) -> None:
        """Wait until the daemon of a host listens for adverts."""
        wait_until(lambda: _listens(self.hosts[name], self.setup), 10, f"the daemon of {name} listens")

    def settle(self) -> None:
        """After a start: wait until nobody can be on the way to serve beside host a, who serves alone.

        All others take part by then and have been sent two further adverts of it.
        """
        for _ in range(2):
            self.await_sighting("advert", "a", 3 * self.setup.interval, self.witness.mark)
        self.await_sole("a")

    def await_server(self, name: str, within: float | None = None, mark: int | None = None) -> Answer:
        """Wait until a host answers the client (default: three intervals, and a second of grace)."""
        patience = within or 3 * self.setup.interval + 5
        start = self.client.mark if mark is None else mark
        return self.client.wait(lambda answer: answer.who == name, patience, start, f"an answer of {name}")

    def await_sole(self, name: str, within: float = SOLE) -> float:
        """Wait until a host alone has the VIP: a preempted master leaves just after the new one came.

        Return since when. The wait is no claim: what two hosts at a time may last is asked of `overlap`.
        """
        wait_until(lambda: self.holders() == [name], within, f"only {name} holds the VIP")
        found = self.holds()
        return max([found[-1].start, *(hold.end for hold in found if hold.end != float("inf"))])

    def await_sighting(self, kind: str, host: str, within: float, mark: int, **about: object) -> Sighting:
        """Wait for an event on the LAN after a mark of the witness."""
        what = f"{kind} {about} at {host}"
        return self.witness.wait(lambda event: event.is_(kind, host, **about), within, mark, what)

    def await_removed(self, host: str, within: float, mark: int) -> Sighting:
        """Wait until the kernel of a host has removed the VIP."""
        return self.await_sighting("removed", host, within, mark, address=self.setup.vip)

    def forget_the_holder(self, name: str, seconds: int) -> None:
        """Let the VIP that a host has tell nobody any more under which configuration it was held.

        So a sidecar that starts cannot adopt it. The lease begins anew, with so many seconds.
        """
        vip = ip_interface(self.setup.vip)
        with self.hosts[name].namespace.network():
            index = socket.if_nametoindex("eth0")
            requests = RequestSocket()
        try:
            codes = requests.ask(
                [_addition(Lease(index, (vip,), frozenset({vip}), seconds, HOST_SCOPE, 1), vip)]
            )
        finally:
            requests.close()
        assert codes == [0]

    def power_off(self, name: str) -> None:
        """The host is dead: no process of VRRP, no address, no link. Whatever it ran left nothing behind."""
        self.hosts[name].daemon.kill()
        self.lan.delete_interface(name)

    def power_on(self, name: str) -> None:
        """The host boots."""
        self.lan.recreate_interface(name)
        self.hosts[name].daemon.start()

    def watch_for(self, seconds: float) -> None:
        """Let time pass in order to see that something does not happen. Not at all if it has passed."""
        time.sleep(max(0.0, seconds))

    def holds(self) -> list[Hold]:
        """Holders of the VIP, and times."""
        return holds(self.witness.since(), self.setup.vip)

    def holders(self) -> list[str]:
        """Present holders of the VIP."""
        return [hold.host for hold in self.holds() if hold.end == float("inf")]

    def late(self, since: float) -> float:
        """The control of bounds on time: by how much the witness's own timer was late at most since then."""
        found = [event for event in self.witness.since() if event.kind == "late" and event.at > since]
        return max((event.about["by"] for event in found), default=0.0)

    def grace(self, since: float) -> float:
        """Seconds that a busy machine may add to a bound on what happened since then."""
        return BUSY + WAKES * self.late(since)

    def handover(self, since: float) -> float:
        """HANDOVER on this machine, for what happened since then."""
        return HANDOVER + WAKES * self.late(since)

    def overlap(self, since: float | None = None) -> float:
        """Seconds during which more than one host had the VIP: since then, or since all daemons were up."""
        return overlap(self.holds(), self.settled if since is None else since, time.monotonic())


def wait_until(true: Callable[[], bool], within: float, what: str) -> None:
    """Look at something that sends no event; TimeoutError with `what` if it does not come true.

    A look every 10 ms, or less often if it costs something: a test that waits must not starve what it waits
    for. `within`: seconds that this may take on a quiet machine. As with Journal.wait, a busy one gets more.
    """
    deadline = time.monotonic() + SLOWER * within
    while True:
        begun = time.monotonic()
        if true():
            return
        looked = time.monotonic()
        if looked > deadline:
            raise TimeoutError(f"not within {SLOWER} x {within} s: {what}")
        time.sleep(min(max(_PAUSE, 3 * (looked - begun)), 10 * _PAUSE))


def _listens(host: Host, setup: Setup) -> bool:
    file, sign = (_OPEN if setup.unicast else _JOINED)[setup.family]
    return sign in Path(f"/proc/{host.namespace.pid}/net/{file}").read_text(encoding="ascii")


def _sweep() -> None:
    """Remove the folders of labs whose maker was killed; their processes and networks died with it."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        if not Path("/proc", folder.name.removeprefix(_FOLDER).partition("-")[0]).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _tail(log: Path, lines: int = 40) -> str:
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else "(never started)"
    return f"--- {log.parent.name}/{log.name}\n" + "\n".join(text.splitlines()[-lines:])
