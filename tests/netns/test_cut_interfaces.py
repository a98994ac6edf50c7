"""An interface that is up and cannot do its part: one host serves, and the other one says why it does not."""

import pytest

from tests.netns.bounds import QUICK
from tests.netns.lab import Lab, wait_until
from tests.netns.namespace import Namespace
from tests.netns.vrrp_daemon import Setup, router_status

pytestmark = pytest.mark.netns

PORT = ("link add br9 type bridge", "link set br9 up", "link set eth0 master br9")
DEAF = "eth0: it is a port of the bridge br9, which takes whatever arrives: write `interface: br9`"
SILENT = "eth0 resolves no neighbours, so nobody finds the VIP: `ip link set eth0 arp on`"
CUTS = {
    "bridge": (PORT, ("link del br9",), DEAF),
    "arp": (("link set eth0 arp off",), ("link set eth0 arp on",), SILENT),
}


def await_state(host: Namespace, state: str, reason: str = "") -> None:
    """Wait until the router of a host is in this state and says this of it."""

    def there() -> bool:
        told = router_status(host)
        return told["state"] == state and reason in told["reason"]

    wait_until(there, 10, f"{state}: {reason}")


@pytest.mark.parametrize("cut", list(CUTS))
def test_a_host_whose_interface_is_cut_so_serves_not_and_its_peer_does(cut: str) -> None:
    begin, end, reason = CUTS[cut]
    with Lab(Setup(interval=QUICK, router={"damping": False})) as lab:
        lab.start()
        lab.settle()
        a, b = (lab.hosts[name].namespace for name in "ab")
        seen = lab.witness.mark
        b.ip(*begin)
        await_state(b, "FAULT", reason)
        # Longer than a backup waits that hears no master.
        lab.watch_for(5 * QUICK)
        assert not [
            event for event in lab.witness.since(seen) if event.is_("added", "b", address=lab.setup.vip)
        ]
        b.ip(*end)
        await_state(b, "BACKUP")
        a.ip(*begin)
        lab.await_server("b", within=5, mark=lab.client.mark)
        await_state(a, "FAULT", reason)
        a.ip(*end)
        lab.await_server("a", within=8, mark=lab.client.mark)
