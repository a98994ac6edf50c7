"""Faults of addresses as transcripts: what moves, what the peers hear, and the sentence that people read."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, ip_interface

import pytest

from sidecar.core.actions import SendAdvert
from sidecar.core.events import ForeignVip, InterfaceChanged, InterfaceState, Started, VipsHeld, VipsObserved
from sidecar.core.node import Node
from sidecar.core.params import NodeParams, RouterParams, Unicast
from tests.unit.core.stage import DROPPED, MAC, US, VIP, backup, commands, kinds, master, moves, router

ELSEWHERE = IPv4Address("10.78.0.11")


def link(*addresses: IPv4Address) -> InterfaceChanged:
    return InterfaceChanged("eth0", InterfaceState(2, up=True, mac=MAC, addresses=addresses))


def reason(node: Node) -> str:
    return node.snapshot(0.0).routers[0].reason


def resignation(node: Node, now: float) -> SendAdvert:
    (said,) = commands(node.step([DROPPED], now))
    assert isinstance(said, SendAdvert)
    return said


@pytest.mark.parametrize("left", [(), (ELSEWHERE,)], ids=["none", "another subnet"])
def test_a_master_that_lost_its_address_resigns_from_the_one_that_peers_know(
    left: tuple[IPv4Address, ...],
) -> None:
    node = master(at=10.0)
    unreachable = VipsObserved("web", frozenset({VIP}), unreachable=frozenset({VIP}))
    lost = node.step([link(*left), *([unreachable] if left else [])], 10.5)
    assert moves(lost) == [("MASTER", "FAULT", "address")]
    assert kinds(lost) == ["DropVips"]
    said = resignation(node, 10.5)
    assert (said.source, said.priority) == (US, 0)


def test_a_master_whose_address_changes_serves_on_and_resigns_from_the_new_one_once_it_was_said() -> None:
    new = IPv4Address("10.77.0.21")
    node = master(at=10.0)
    assert moves(node.step([link(new)], 10.5)) == []
    early = node.resignations(10.6)["web"]
    assert early.source == US
    (advert,) = [a for a in node.step([], 11.0) if isinstance(a, SendAdvert)]
    assert (advert.source, advert.priority) == (new, 100)
    assert node.resignations(11.5)["web"].source == new


def test_an_unreachable_subnet_is_a_fault_until_there_is_a_way() -> None:
    vip = IPv4Interface("10.77.0.100/24")
    node = backup()
    moved = node.step([VipsObserved("web", frozenset(), unreachable=frozenset({vip}))], 1.0)
    assert moves(moved) == [("BACKUP", "FAULT", "address")]
    assert reason(node) == (
        "this host has no direct route to 10.77.0.0/24 by eth0, so it would not reach clients there: "
        "`ip address add ADDRESS/24 dev eth0` gives it one (beside such an address "
        "`ip route add 10.77.0.0/24 dev eth0`); if clients are reached by another way, "
        "write 10.77.0.100/32 in the file"
    )
    assert moves(node.step([VipsObserved("web", frozenset())], 2.0)) == [("FAULT", "BACKUP", "recovered")]


@pytest.mark.parametrize(
    ("foreign", "sentence"),
    [
        (
            ForeignVip("eth0", ip_interface("10.77.0.100/24")),
            (
                "10.77.0.100/24 on eth0 was added by somebody else: "
                "`ip address del 10.77.0.100/24 dev eth0` removes it; "
                "if it is this host's own address, choose another VIP"
            ),
        ),
        (
            ForeignVip("eth0", VIP, peer="10.77.0.1/32"),
            (
                "10.77.0.100/32 on eth0 was added by somebody else: "
                "`ip address del 10.77.0.100 peer 10.77.0.1/32 dev eth0` removes it; "
                "if it is this host's own address, choose another VIP"
            ),
        ),
        (
            ForeignVip("lo", VIP, "sysctl -w net.ipv4.conf.eth0.arp_ignore=1"),
            (
                "10.77.0.100/32 is on lo, too, and this host answers the LAN of eth0 for it "
                "while it is backup: "
                "`sysctl -w net.ipv4.conf.eth0.arp_ignore=1` ends that, "
                "or `ip address del 10.77.0.100/32 dev lo`"
            ),
        ),
    ],
)
def test_a_foreign_vip_is_told_with_its_place_and_the_command_that_mends_it(
    foreign: ForeignVip, sentence: str
) -> None:
    node = backup()
    node.step([VipsObserved("web", frozenset(), frozenset({foreign}))], 1.0)
    assert reason(node) == sentence


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        (router(), "interface eth0 has no address to send from: `ip address add ADDRESS/LENGTH dev eth0`"),
        (
            replace(router(), addresses=(IPv4Interface("10.77.0.100/24"),)),
            "interface eth0 has no address to send from: `ip address add ADDRESS/24 dev eth0`",
        ),
        (
            router(unicast=Unicast(US, (IPv4Address("10.77.0.12"),))),
            (
                "interface eth0 does not have the source address of the file, 10.77.0.11: "
                "`ip address add 10.77.0.11/LENGTH dev eth0`"
            ),
        ),
        (
            replace(router(), addresses=(ip_interface("fd77::100/64"),)),
            (
                "interface eth0 has no link-local address to send from: "
                "`ip address add fe80::ADDRESS/64 dev eth0`"
            ),
        ),
        *(
            (
                replace(
                    router(unicast=Unicast(None, (IPv6Address(peer),))),
                    addresses=(ip_interface("fd77::100/64"),),
                ),
                f"interface eth0 has no {kind}address to send from: `ip address add {wanted}/64 dev eth0`",
            )
            for peer, kind, wanted in (
                ("fd77::12", "", "ADDRESS"),
                ("fe80::12", "link-local ", "fe80::ADDRESS"),
            )
        ),
    ],
)
def test_a_missing_source_is_told_with_the_command_that_mends_it(params: RouterParams, sentence: str) -> None:
    node = Node(NodeParams("a", (params,)), 0.0)
    node.step([link(), Started()], 0.0)
    assert moves(node.step([DROPPED], 0.0)) == [("INIT", "FAULT", "address")]
    assert reason(node) == sentence


CHOSEN = replace(router(), interface="10.77.0.0/24", addresses=(IPv4Interface("10.77.0.100/24"),))
"""Its interface is the one that carries this network, which the kernel calls eth0."""


def chosen(params: RouterParams, **facts: object) -> Node:
    """A node whose interface, with no address to send from, was chosen by what it carries."""
    node = Node(NodeParams("a", (params,)), 0.0)
    state = InterfaceState(2, up=True, mac=MAC, addresses=(), name="eth0", **facts)  # type: ignore[arg-type]
    node.step([InterfaceChanged(params.interface, state), Started()], 0.0)
    node.step([DROPPED], 0.0)
    return node


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        (
            replace(CHOSEN, source=US),
            (
                "interface 10.77.0.0/24 (eth0) does not have the source address of the file, 10.77.0.11: "
                "`ip address add 10.77.0.11/24 dev eth0`"
            ),
        ),
        (
            replace(CHOSEN, addresses=(ip_interface("fd77::100/64"),)),
            (
                "interface 10.77.0.0/24 (eth0) has no link-local address to send from: "
                "`ip address add fe80::ADDRESS/64 dev eth0`"
            ),
        ),
    ],
)
def test_a_command_names_an_interface_as_the_kernel_does_however_it_was_chosen(
    params: RouterParams, sentence: str
) -> None:
    assert reason(chosen(params)) == sentence


def test_so_does_the_command_for_a_subnet_that_is_not_reached() -> None:
    node = Node(NodeParams("a", (CHOSEN,)), 0.0)
    state = InterfaceState(2, up=True, mac=MAC, addresses=(US,), name="eth0")
    node.step([InterfaceChanged("10.77.0.0/24", state), Started()], 0.0)
    node.step([DROPPED, VipsObserved("web", frozenset(), unreachable=frozenset(CHOSEN.addresses))], 0.0)
    assert "by eth0, so" in reason(node)
    assert "`ip address add ADDRESS/24 dev eth0`" in reason(node)


@pytest.mark.parametrize("source", [None, IPv6Address("fe80::11")])
def test_where_there_can_be_no_ipv6_that_is_told_and_not_to_add_an_address(
    source: IPv6Address | None,
) -> None:
    params = replace(router(), addresses=(ip_interface("fd77::100/64"),), source=source)
    why = "IPv6 is switched off there: `sysctl -w net.ipv6.conf.eth0.disable_ipv6=0`"
    assert reason(chosen(params, no_ipv6=why)) == f"interface eth0 has no address to send from: {why}"


def test_a_master_whose_interface_has_lost_what_it_was_chosen_by_resigns_at_once() -> None:
    params = replace(CHOSEN, addresses=(VIP,))
    node = Node(NodeParams("a", (params,)), 0.0)
    state = InterfaceState(2, up=True, mac=MAC, addresses=(US,), name="eth0")
    node.step([InterfaceChanged(params.interface, state), Started()], 0.0)
    node.step([DROPPED], 0.0)
    node.step([], 10.0)
    node.step([VipsHeld("web", 10.0)], 10.0)
    lost = node.step([InterfaceChanged(params.interface, replace(state, addresses=(), lost=True))], 10.5)
    assert moves(lost) == [("MASTER", "FAULT", "address")]
    said = resignation(node, 10.5)
    assert (said.source, said.priority) == (US, 0)
    assert reason(node) == (
        "eth0 has no address of 10.77.0.0/24 any more, by which it was chosen: "
        "`ip address add ADDRESS/LENGTH dev eth0`"
    )


def test_an_interface_that_is_not_there_is_told_as_the_kernel_has_looked_for_it() -> None:
    for said, shown in (("no interface has an address of 10.77.0.0/24", None), ("", "eth0 does not exist")):
        node = backup()
        node.step([InterfaceChanged("eth0", None, said)], 1.0)
        assert (shown or said) in reason(node)
