"""Reachability of the VIPs' subnets, and other places where VIPs may be."""

import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

import pytest

from sidecar.core.actions import HoldVips
from sidecar.core.address import Address, Vip
from sidecar.core.events import ForeignVip, InterfaceChanged, SendFailed, VipsObserved
from sidecar.core.params import RouterParams, Unicast
from sidecar.core.router.transmit import Transmitter
from sidecar.net.addresses.reachability import RouteSocket
from tests.kernel.desk import NEVER, ROUTER, Desk, desk
from tests.kernel.far_end import far_end, give_ipv6
from tests.kernel.own_namespace import inside, ip, set_ipv4
from tests.netns.namespace import Namespace

pytestmark = pytest.mark.netns

VIP4: Vip = ip_interface("10.77.0.100/24")
VIP6: Vip = ip_interface("fd77::100/64")
PLAIN: Vip = ip_interface("10.77.0.100/32")


def routed(vip: Vip) -> RouterParams:
    return replace(ROUTER, addresses=(vip,))


def until(d: Desk, matches: Callable[[VipsObserved], bool]) -> VipsObserved:
    """Hear as the daemon does, which wakes up twice a second by itself."""
    return d.until(VipsObserved, matches, pulse=0.1)


def until_unreachable(d: Desk, *vips: Vip) -> None:
    until(d, lambda seen: seen.unreachable == set(vips))


@pytest.mark.parametrize(
    ("vip", "lose", "regain"),
    [
        (VIP4, "address del 10.77.0.11/24 dev v0", "address add 10.77.0.11/24 dev v0"),
        (VIP4, "address del 10.77.0.11/24 dev v0", "route add 10.77.0.0/24 dev v0"),
        (VIP4, "route del 10.77.0.0/24 dev v0", "route add 10.77.0.0/24 dev v0"),
        (VIP6, "address del fd77::11/64 dev v0", "address add fd77::11/64 dev v0 nodad"),
        (VIP6, "address del fd77::11/64 dev v0", "route add fd77::/64 dev v0"),
    ],
)
def test_a_lost_subnet_is_noticed_and_so_is_its_return(vip: Vip, lose: str, regain: str) -> None:
    def work() -> None:
        give_ipv6()
        ip("address add 10.78.0.11/24 dev v0")
        with desk(routed(vip)) as d:
            assert d.hold(HoldVips("web", "v0", (vip,), 30, NEVER)).error is None
            assert not d.until(VipsObserved).unreachable
            ip(lose)
            until_unreachable(d, vip)
            ip(regain)
            until_unreachable(d)

    inside(work)


@pytest.mark.parametrize(
    "route", ["10.77.0.0/24 via 10.78.0.1", "10.77.0.0/24 dev v1", "default via 10.78.0.1"]
)
def test_a_route_by_a_gateway_or_another_interface_is_no_way_to_the_subnet(route: str) -> None:
    def work() -> None:
        ip("address add 10.78.0.11/24 dev v0")
        ip("address del 10.77.0.11/24 dev v0")
        ip(f"route add {route}")
        with desk(routed(VIP4)) as d:
            until_unreachable(d, VIP4)

    inside(work)


def test_a_vip_without_a_prefix_needs_no_subnet() -> None:
    def work() -> None:
        ip("address add 10.78.0.11/24 dev v0")
        ip("address del 10.77.0.11/24 dev v0")
        with desk(routed(PLAIN)) as d:
            d.until(InterfaceChanged)
            assert d.hold().error is None
            assert not d.until(VipsObserved).unreachable

    inside(work)


def take_away(d: Desk, source: Address) -> None:
    """Remove all addresses of the family of a source, and wait until that is known."""
    ip(f"-{source.version} address flush dev v0")
    d.until(
        InterfaceChanged,
        lambda seen: seen.state is not None and source not in seen.state.addresses,
    )


GROUP4 = (ip_address("10.77.0.11"), None)
PEER4 = (ip_address("10.77.0.11"), Unicast(ip_address("10.77.0.11"), (ip_address("10.77.0.12"),)))
GROUP6 = (ip_address("fe80::11"), None)


@pytest.mark.parametrize(("source", "unicast"), [GROUP4, PEER4, GROUP6])
def test_priority_zero_leaves_from_an_address_that_the_host_has_no_more(
    source: Address, unicast: Unicast | None
) -> None:
    """The family has lost its last address, so its sockets were closed too. Any other advert fails."""

    def work() -> None:
        give_ipv6()
        vip = VIP4 if source.version == 4 else VIP6
        router = replace(routed(vip), unicast=unicast)
        with far_end() as far, _listener(far, source) as listener:
            with desk(router) as d:
                d.until(InterfaceChanged, lambda seen: bool(seen.state and seen.state.addresses))
                take_away(d, source)
                said = Transmitter(router, None)
                assert isinstance(d.network.perform(said.advertise(source, 250, 0.0, NEVER)), SendFailed)
                assert d.network.perform(said.advertise(source, 0, 0.0, NEVER)) is None
                heard = _next_vrrp(listener, source)
            assert heard[2] == 0

    inside(work)


def _listener(far: Namespace, source: Address) -> socket.socket:
    with far.network():
        listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    listener.bind(("v1", {4: 0x0800, 6: 0x86DD}[source.version]))
    listener.settimeout(5)
    return listener


def _next_vrrp(listener: socket.socket, source: Address) -> bytes:
    """Return the next VRRP message of a sender."""
    at, protocol, sender = (34, 23, 26) if source.version == 4 else (54, 20, 22)
    while True:
        frame = listener.recv(2000)
        if frame[protocol] == 112 and frame[sender : sender + len(source.packed)] == source.packed:
            return frame[at:]


def test_a_vip_on_loopback_is_in_the_way_until_this_host_is_silent_about_it() -> None:
    def work() -> None:
        ip("address add 10.77.0.100/32 dev lo")
        with far_end() as far, desk() as d:
            silencer = "sysctl -w net.ipv4.conf.v0.arp_ignore=1"
            seen = d.until(VipsObserved)
            assert seen.foreign == {ForeignVip("lo", PLAIN, silencer)}
            assert "arp_ignore" in str(d.hold().error)
            set_ipv4("arp_ignore", 1, "v0")
            until(d, lambda seen: not seen.foreign)
            far.ip("neighbour flush dev v1")
            assert not answered(far.run("sh", "-c", "ping -c1 -W1 10.77.0.100 || true"))
            assert d.hold().error is None
            far.ip("neighbour flush dev v1")
            assert answered(far.run("ping", "-c1", "-W2", "10.77.0.100"))
            assert d.drop().error is None
            far.ip("neighbour flush dev v1")
            assert not answered(far.run("sh", "-c", "ping -c1 -W1 10.77.0.100 || true"))
            set_ipv4("arp_ignore", 0, "v0")
            until(d, lambda seen: bool(seen.foreign))

    inside(work)


def answered(ping: str) -> bool:
    return "1 received" in ping


def test_an_ipv6_vip_on_loopback_is_in_nobodys_way() -> None:
    """No neighbour is answered for an address of another interface."""
    vip: Vip = ip_interface("fd77::100/128")
    hold = HoldVips("web", "v0", (vip,), 30, NEVER)

    def work() -> None:
        give_ipv6()
        ip("address add fd77::100/128 dev lo")
        with far_end() as far, desk(routed(vip)) as d:
            d.until(InterfaceChanged)
            assert not answered(far.run("sh", "-c", "ping -6 -c1 -W1 fd77::100 || true"))
            assert d.hold(hold).error is None
            assert d.until(VipsObserved).foreign == frozenset()
            assert answered(far.run("ping", "-6", "-c1", "-W2", "fd77::100"))

    inside(work)


def test_an_answer_that_comes_late_is_not_taken_for_that_of_the_next_question(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def give_up(_: RouteSocket) -> bytes:
        raise TimeoutError

    def work() -> None:
        index = socket.if_nametoindex("v0")
        with closing(RouteSocket()) as asking:
            # The answer is there, and nobody has read it: that there is no route.
            with monkeypatch.context() as patch:
                patch.setattr(RouteSocket, "_answer", give_up)
                with pytest.raises(TimeoutError):
                    asking.is_direct(ip_network("198.51.100.0/24"), [ip_address("198.51.100.1")], index)
            near = ip_network("10.77.0.0/24")
            assert asking.is_direct(near, [ip_address("10.77.0.99")], index) is True

    inside(work)
