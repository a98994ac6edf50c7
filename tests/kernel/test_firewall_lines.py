"""The lines of docs/network.md for a firewall let adverts out, on a host whose firewall drops all else."""

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from ipaddress import ip_address

import pytest

from tests.netns.namespace import Namespace
from tests.unit.docs.pages import ROOT, text_of

pytestmark = pytest.mark.netns

VRRP = 112
OWN, GROUP = "192.0.2.11", "224.0.0.18"
OWN6, GROUP6 = "fe80::11", "ff02::12"
DROPS_ALL = """table inet f {{
chain output {{
type filter hook output priority 0; policy drop;
{lines}
}}
}}
"""


def documented_lines() -> str:
    """The block of nftables."""
    page = text_of((ROOT / "docs" / "network.md").relative_to(ROOT))
    found = re.search(r"```\n(ip .*?)```", page, re.DOTALL)
    assert found is not None
    return found.group(1)


@pytest.fixture
def host() -> Iterator[Namespace]:
    with closing(Namespace()) as namespace:
        namespace.ip("link add eth0 type veth peer name far", "link set far up", "link set eth0 up")
        namespace.ip(f"addr add {OWN}/24 dev eth0", f"addr add {OWN6}/64 dev eth0 nodad")
        yield namespace


def load(host: Namespace, lines: str) -> None:
    rules = DROPS_ALL.format(lines=lines)
    with host.network():
        subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True, timeout=10)


def send(host: Namespace, source: str, group: str) -> None:
    """Send a packet of the protocol. Raises PermissionError if the firewall drops it."""
    family = socket.AF_INET if ip_address(source).version == 4 else socket.AF_INET6
    with host.network(), socket.socket(family, socket.SOCK_RAW, VRRP) as sender:
        index = socket.if_nametoindex("eth0")
        if family == socket.AF_INET:
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(source))
            sender.sendto(b"\0" * 20, (group, 0))
        else:
            sender.bind((source, 0, 0, index))
            sender.sendto(b"\0" * 20, (group, 0, 0, index))


@pytest.mark.parametrize(("source", "group"), [(OWN, GROUP), (OWN6, GROUP6)])
def test_the_lines_let_adverts_out(host: Namespace, source: str, group: str) -> None:
    load(host, "")
    with pytest.raises(PermissionError):
        send(host, source, group)
    load(host, documented_lines())
    send(host, source, group)
