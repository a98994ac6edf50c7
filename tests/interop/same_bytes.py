"""keepalived under a file, and the sidecar under what the import makes of it, each on a wire of its own."""

import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from sidecar.migrate.files import NoFiles
from sidecar.migrate.result import CONFIG
from sidecar.migrate.run import Input, run
from tests.interop.recording import Frame, adverts
from tests.netns.keepalived import command_2_3_3
from tests.netns.namespace import Namespace
from tests.netns.service import Service
from tests.netns.vrrp_daemon import run_sidecar
from tests.netns.witness_frames import listen

ADDRESSES = ("192.0.2.11/24", "2001:db8::11/64", "fe80::11/64")
"""Of every host: source addresses are under checksums, so they are the same on both wires of a file."""
PATIENCE = 90.0
PEERS = ("192.0.2.12", "192.0.2.13", "198.51.100.12", "2001:db8::12")
"""Unicast peers that the files name. Nobody has these addresses; the neighbour table says otherwise."""
_MAC = "02:00:00:77:00:0b"
_PEER = "02:00:00:77:00:0c"
_OUTGOING = 4
_LONGEST = 2048
_LOOK = 0.1


@dataclass(frozen=True, slots=True)
class Host:
    """One end of a wire: the other one is the port of this name."""

    port: str
    namespace: Namespace


class Wires:
    """A recorder, and hosts that hear nobody: each has a wire of its own to it."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._middle = self._namespace()
        with self._middle.network():
            self._socket = listen()
        stack.callback(self._socket.close)
        self._frames: dict[str, list[Frame]] = {}

    def _namespace(self) -> Namespace:
        made = Namespace()
        self._stack.callback(made.close)
        return made

    def host(self) -> Host:
        """Plug in a host."""
        host = Host(f"p{len(self._frames)}", self._namespace())
        self._frames[host.port] = []
        self._middle.ip(
            f"link add {host.port} type veth peer name eth0 address {_MAC} netns {host.namespace.pid}",
            f"link set {host.port} addrgenmode none",
            f"link set {host.port} up",
        )
        host.namespace.ip(
            "link set eth0 addrgenmode none",
            *(f"addr add {address} dev eth0{' nodad' if ':' in address else ''}" for address in ADDRESSES),
            "link set eth0 up",
            "route add 198.51.100.0/24 dev eth0",
            *(f"neigh add {peer} lladdr {_PEER} dev eth0 nud permanent" for peer in PEERS),
        )
        return host

    def first_adverts(self, within: float) -> Mapping[str, bytes]:
        """Return the first advert of each host, after all have sent one or the time is over."""
        until = time.monotonic() + within
        while time.monotonic() < until and len(self._heard()) < len(self._frames):
            self._read()
            time.sleep(_LOOK)
        return self._heard()

    def _heard(self) -> dict[str, bytes]:
        return {port: found[0] for port, frames in self._frames.items() if (found := adverts(frames))}

    def _read(self) -> None:
        while True:
            try:
                data, (port, _, direction, *_) = self._socket.recvfrom(_LONGEST, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            if direction != _OUTGOING and port in self._frames:
                self._frames[port].append(Frame(time.monotonic(), port, data))


def _sidecar(namespace: Namespace, text: str, folder: Path) -> Service:
    """The sidecar under what a file becomes. Not started."""
    result = run([Input("keepalived.conf", text)], (), NoFiles(), {})
    (environment,) = result.joined.environments.values()
    return run_sidecar(namespace, "a", folder, yaml.safe_load(_filled(result.files[CONFIG], environment)))


def _filled(text: str, environment: Mapping[str, str]) -> str:
    lines = []
    for line in text.splitlines():
        for name, value in environment.items():
            before, reference, after = line.partition(f"${{{name}:")
            if reference:
                line = f"{before}{value}{after.partition('}')[2]}"  # noqa: PLW2901 - one after the other
        lines.append(line)
    return "\n".join(lines)


def _logs(home: Path) -> tuple[Path, Path]:
    """Return the logs of keepalived and of the sidecar."""
    return home / "keepalived.log", home / "ours" / "sidecar.log"


@contextmanager
def beside_each_other(files: Mapping[str, str], folder: Path) -> Iterator[Mapping[str, Sequence[bytes]]]:
    """Run both for every file, and yield by name the first advert of keepalived and that of the sidecar.

    AssertionError with its log if one of them sends none.
    """
    with ExitStack() as stack:
        wires = Wires(stack)
        hosts: dict[str, tuple[Host, Host]] = {}
        # Numbers and no names: the path of a socket is limited.
        homes = {name: folder / str(number) for number, name in enumerate(files)}
        for name, text in files.items():
            peer, ours = wires.host(), wires.host()
            home = homes[name]
            home.mkdir()
            (home / "keepalived.conf").write_text(text, encoding="utf-8")
            services = (
                Service(peer.namespace, command_2_3_3(home), home / "keepalived.log"),
                _sidecar(ours.namespace, text, home / "ours"),
            )
            for service in services:
                stack.callback(service.kill)
                service.start()
            hosts[name] = (peer, ours)
        heard = wires.first_adverts(PATIENCE)
        silent = {
            f"{daemon} of {name}": log.read_text(encoding="utf-8", errors="replace")[-1500:]
            for name, pair in hosts.items()
            for daemon, host, log in zip(("keepalived", "sidecar"), pair, _logs(homes[name]), strict=True)
            if host.port not in heard
        }
        assert not silent, "\n".join(f"no advert from {who}:\n{log}" for who, log in silent.items())
        yield {name: [heard[host.port] for host in pair] for name, pair in hosts.items()}
