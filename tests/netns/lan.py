"""One LAN and its faults: a switch, and hosts, a gateway, a client and an observer, each a namespace.

Everybody has an IPv4 address, an IPv6 one and a link-local one. Only VIPs go through the kernel's
duplicate address detection, if whoever adds them asks for it.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from tests.netns.namespace import Namespace

_NETWORKS = {4: "10.77.0.", 6: "fd77::"}
_NUMBERS = {"gateway": 1, "client": 2, "observer": 3, "a": 11, "b": 12, "c": 13, "d": 14, "rogue": 66}


def address(name: str, family: int = 4) -> str:
    """The address of a member."""
    return f"{_NETWORKS[family]}{_NUMBERS[name]}"


def link_local(name: str) -> str:
    """The IPv6 link-local address of a member."""
    return f"fe80::{_NUMBERS[name]}"


VIPS = {family: f"{network}100" for family, network in _NETWORKS.items()}
VIP = VIPS[4]
GATEWAY = address("gateway")


class Lan:
    """The switch and everything plugged into it. Port `p-NAME` of the switch is `eth0` of member NAME.

    The observer asks who has the VIP. It is not the client, because an answer would mend the
    client's neighbour table and hide a missing announcement. The rogue, if there is one, is up to no good.
    """

    def __init__(self, stack: ExitStack, hosts: Iterable[str], *, rogue: bool = False) -> None:
        self.switch = self._namespace(stack)
        self.hosts = tuple(hosts)
        names = (*self.hosts, "gateway", "client", "observer", *(["rogue"] if rogue else []))
        self.members = {name: self._namespace(stack) for name in names}
        self.switch.ip(
            "link add br0 type bridge mcast_snooping 0",
            "link set br0 up",
            *(line for name in names for line in self._cable(name)),
        )
        for name in names:
            self._bring_up(name)

    @staticmethod
    def _namespace(stack: ExitStack) -> Namespace:
        made = Namespace()
        stack.callback(made.close)
        return made

    def _cable(self, name: str) -> tuple[str, str]:
        peer = f"peer name eth0 address {self.mac(name)} netns {self.members[name].pid}"
        return f"link add p-{name} type veth {peer}", f"link set p-{name} master br0 up"

    def _bring_up(self, name: str) -> None:
        self.members[name].ip(
            f"addr add {address(name)}/24 brd + dev eth0",
            "link set eth0 addrgenmode none",
            f"addr add {address(name, 6)}/64 dev eth0 nodad",
            f"addr add {link_local(name)}/64 dev eth0 nodad",
            "link set eth0 up",
        )

    @staticmethod
    def mac(name: str) -> str:
        """The hardware address of a member, readable: its last byte is that of the address."""
        return f"02:00:00:77:00:{_NUMBERS[name]:02x}"

    def unplug(self, name: str) -> None:
        """Pull the cable: the host sees its link go down."""
        self.switch.ip(f"link set p-{name} down")

    def plug(self, name: str) -> None:
        """Put the cable back."""
        self.switch.ip(f"link set p-{name} up")

    @contextmanager
    def unplugged(self, name: str) -> Iterator[None]:
        """The cable is out during the block."""
        self.unplug(name)
        try:
            yield
        finally:
            self.plug(name)

    @contextmanager
    def cut_off(self, name: str) -> Iterator[None]:
        """The switch drops all frames from and to a member, who keeps its link: the host has vanished."""
        self.switch.run("bridge", "link", "set", "dev", f"p-{name}", "state", "disabled")
        try:
            yield
        finally:
            self.switch.run("bridge", "link", "set", "dev", f"p-{name}", "state", "forwarding")

    @contextmanager
    def partition(self) -> Iterator[None]:
        """The hosts do not hear each other; the client hears them all."""
        self._isolate("on")
        try:
            yield
        finally:
            self._isolate("off")

    def _isolate(self, switch: str) -> None:
        for name in self.hosts:
            self.switch.run("bridge", "link", "set", "dev", f"p-{name}", "isolated", switch)

    @contextmanager
    def deaf(self, listener: str, to: str, also: str = "") -> Iterator[None]:
        """`listener` hears no advertisement of `to`; `also` narrows the rule (nft expression)."""
        host = self.members[listener]
        chain = "type filter hook ingress device eth0 priority 0;"
        rule = f"ip saddr {address(to)} ip protocol 112 {also} counter drop"
        host.run("nft", "-f", "-", stdin=f"table netdev deaf {{ chain in {{ {chain} {rule}\n}}\n}}\n")
        try:
            yield
        finally:
            host.run("nft", "delete", "table", "netdev", "deaf")

    def delete_interface(self, name: str) -> None:
        """The network card of a host is gone, and the cable with it."""
        self.members[name].ip("link del eth0")

    def recreate_interface(self, name: str) -> None:
        """A new network card, with a new index, as the old one."""
        self.switch.ip(*self._cable(name))
        self._bring_up(name)
