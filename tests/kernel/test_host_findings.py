"""Findings of check-config about this host, on interfaces of a namespace of its own.

Modules: net.addresses.host_networks.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.netns.namespace import Namespace

pytestmark = pytest.mark.netns

ROUTER = "virtual_routers:\n  web: {{interface: {on}, vrid: 51, priority: 250, addresses: [{vip}]}}\n"


@pytest.fixture(scope="module")
def host() -> Iterator[Namespace]:
    with closing(Namespace()) as namespace:
        namespace.ip("link add eth0 type veth peer name far", "link set eth0 up")
        namespace.ip("addr add 10.77.0.11/24 dev eth0", "link property add dev eth0 altname uplink0")
        yield namespace


def checked(host: Namespace, folder: Path, on: str, vip: str) -> str:
    """What `check-config` says on this host of a router with this interface and VIP."""
    file = folder / "config.yaml"
    file.write_text(ROUTER.format(on=on, vip=vip))
    with host.network():
        done = subprocess.run(
            [sys.executable, "-m", "sidecar", "check-config", "-c", str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("on", "vip", "said"),
    [
        ("eth0", "10.77.0.100/24", ""),
        ("eth0", "10.77.0.100", ""),
        ("eth0", "192.0.2.100/24", "192.0.2.100 is in no network of eth0 on this host (10.77.0.0/24)"),
        ("eth0", "192.0.2.100", "192.0.2.100 is in no network of eth0 on this host (10.77.0.0/24)"),
        ("10.77.0.0/24", "192.0.2.100", "192.0.2.100 is in no network of 10.77.0.0/24 on this host"),
        ("uplink0", "192.0.2.100", "192.0.2.100 is in no network of uplink0 on this host (10.77.0.0/24)"),
        ("far", "192.0.2.100", ""),
        ("nowhere", "192.0.2.100", ""),
    ],
)
def test_a_vip_outside_the_networks_of_its_interface_is_warned_of(
    host: Namespace, tmp_path: Path, on: str, vip: str, said: str
) -> None:
    told = checked(host, tmp_path, on, vip)
    assert said in told
    assert bool(said) is ("warning[vip-network]" in told)


@pytest.mark.parametrize(
    ("on", "vip", "said"),
    [
        ("eth0", "10.77.0.100", None),
        ("eth9", "10.77.0.100", "warning[interface-absent]: web: there is no interface eth9 on this host"),
        (
            "198.51.100.0/24",
            "10.77.0.100",
            "warning[interface-absent]: web: there is no interface with an address of 198.51.100.0/24",
        ),
        ("eth0", "10.77.0.11/24", "warning[vip-on-host]: web: 10.77.0.11 is on eth0 already"),
        ("eth0", "10.77.0.11", "`ip address del 10.77.0.11/24 dev eth0`"),
    ],
)
def test_what_is_not_there_and_what_is_there_already_is_warned_of(
    host: Namespace, tmp_path: Path, on: str, vip: str, said: str | None
) -> None:
    told = checked(host, tmp_path, on, vip)
    assert (said or "no-checks") in told
    assert ("interface-absent" in told or "vip-on-host" in told) is (said is not None)
