"""A VIP that accepts packets or not, and who finds and reaches it."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_interface

from sidecar.core.actions import DropVips, HoldVips
from sidecar.core.address import Vip
from sidecar.core.params import RouterParams
from tests.kernel.desk import NEVER
from tests.netns.lab import wait_until
from tests.netns.namespace import Namespace

IPV4: Vip = ip_interface("10.77.0.100/32")

GLOBAL: Vip = ip_interface("fd77::100/128")

LOCAL: Vip = ip_interface("fe80::100/128")

OWN = {IPV4: "10.77.0.11", GLOBAL: "fd77::11", LOCAL: "fe80::11"}

PORT = 8080


def router(vip: Vip, name: str = "web") -> RouterParams:
    return RouterParams(name, "v0", 51, 250, (vip,), accept=False)


def hold(vip: Vip, name: str = "web", *, accept: bool = False) -> HoldVips:
    return HoldVips(name, "v0", (vip,), 30, NEVER, accept)


def drop(vip: Vip, name: str = "web") -> DropVips:
    return DropVips(name, "v0", (vip,))


def pings(far: Namespace, address: str, device: str = "v1") -> bool:
    try:
        far.run("ping", "-c1", "-W1", "-I", device, address)
    except RuntimeError:
        return False
    return True


def answers_ping(far: Namespace, address: str, device: str = "v1") -> bool:
    """Whether it does so soon: work queues tell of a carrier, and make the route of an IPv6 address."""
    wait_until(lambda: pings(far, address, device), 5, f"{address} answers")
    return True


def connects(far: Namespace, address: str, port: int = PORT) -> bool:
    """Whether a TCP connection from the far end is accepted; a filtered one times out."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with far.network(), socket.socket(family) as client:
        client.settimeout(0.5)
        try:
            client.connect((address, port, 0, socket.if_nametoindex("v1"))[: 4 if ":" in address else 2])
        except TimeoutError:
            return False
    return True


def finds(far: Namespace, address: str) -> bool:
    """Whether the far end knows where the VIP is, and hears from it when it asks the VIP itself."""
    entry = ("ip", "neigh", "show", address, "dev", "v1")
    if "lladdr" not in far.run(*entry):
        return False
    far.run("ip", "neigh", "change", address, "dev", "v1", "nud", "probe")
    ends = time.monotonic() + 5
    while not (state := far.run(*entry).split()[-1]).startswith(("REACHABLE", "FAILED")):
        assert time.monotonic() < ends
        time.sleep(0.01)
    return state == "REACHABLE"


def run(*argv: str, stdin: str = "") -> str:
    """Run a command in the namespace of this thread and return what it said, good or bad."""
    done = subprocess.run(argv, input=stdin, check=False, capture_output=True, text=True)
    return done.stdout + done.stderr


def filters() -> int:
    return run("nft", "list", "tables").count("vip-sidecar")


def await_no_filter() -> None:
    ends = time.monotonic() + 20
    while filters():
        assert time.monotonic() < ends
        time.sleep(0.01)


def shown() -> str:
    return run("ip", "-o", "address", "show", "dev", "v0")


@contextmanager
def listener() -> Iterator[None]:
    """Listen on every address of both families."""
    with socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True):
        yield


HOLDER = """
import time
from ipaddress import ip_interface
from sidecar.net.nft.accept_filter import AcceptFilter
filter = AcceptFilter("v0", (ip_interface("10.77.0.100/32"),))
print("ready", flush=True)
time.sleep(60)
"""


def kill_the_holder_of_a_filter() -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            assert filters() == 1
        finally:
            process.kill()
