"""The line that lets VRRP through."""

import pytest

from sidecar.doctor.evidence import Chain, Firewall
from sidecar.doctor.mistakes.firewall_line import INWARD, OUTWARD, line_for
from sidecar.doctor.problem import Unseen

NFT = Chain("inet", "filter", "input", "input", "filter")
RAW = Chain("ip", "raw", "PREROUTING", "prerouting", "filter")
INGRESS = Chain("netdev", "deaf", "in", "ingress", "filter")


@pytest.mark.parametrize(
    ("chains", "family", "line"),
    [
        ([NFT], 4, "nft insert rule inet filter input meta l4proto 112 accept"),
        ([NFT], 6, "nft insert rule inet filter input meta l4proto 112 accept"),
        ([INGRESS], 4, "nft insert rule netdev deaf in meta l4proto 112 accept"),
        ([RAW], 4, "iptables -t raw -I PREROUTING -p 112 -j ACCEPT"),
        (
            [NFT, INGRESS],
            4,
            (
                "nft insert rule inet filter input meta l4proto 112 accept; "
                "nft insert rule netdev deaf in meta l4proto 112 accept"
            ),
        ),
    ],
)
def test_every_chain_that_may_drop_the_packet_gets_a_rule(
    chains: list[Chain], family: int, line: str
) -> None:
    assert line_for(Firewall((), tuple(chains)), family, INWARD, "eth0") == line


@pytest.mark.parametrize(
    "chain",
    [
        Chain("inet", "filter", "output", "output", "filter"),
        Chain("inet", "filter", "forward", "forward", "filter"),
        Chain("ip", "nat", "PREROUTING", "prerouting", "nat"),
        Chain("ip6", "filter", "INPUT", "input", "filter"),
        Chain("inet", "filter", "input", "input", "filter", idle=True),
        Chain("ip", "vip-sidecar-77", "accept-mode", "prerouting", "filter"),
    ],
    ids=lambda chain: f"{chain.family} {chain.table} {chain.name}",
)
def test_a_chain_that_cannot_drop_it_is_left_alone(chain: Chain) -> None:
    line = line_for(Firewall((), (chain,)), 4, INWARD, "eth0")
    assert line.startswith("iptables -I INPUT -p 112 -j ACCEPT (look for what else filters eth0")


def test_firewalld_gets_its_own_line_and_what_cannot_be_read_the_usual_one() -> None:
    managed = Firewall(
        (("inet", "firewalld"),), (Chain("inet", "firewalld", "filter_INPUT", "input", "filter"),)
    )
    assert line_for(managed, 4, INWARD, "eth0").startswith("firewall-cmd --permanent --add-rich-rule=")
    blind = Unseen("it needs NET_ADMIN")
    assert line_for(blind, 6, OUTWARD, "eth0").startswith("ip6tables -I OUTPUT -p 112 -j ACCEPT (or the same")
