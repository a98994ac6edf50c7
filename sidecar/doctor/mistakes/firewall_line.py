"""The line that lets VRRP through the firewall of this host, for the program that made its rules."""

from typing import Final

from sidecar.doctor.evidence import Chain, Firewall
from sidecar.doctor.problem import Unseen

INWARD: Final = ("ingress", "prerouting", "input")
OUTWARD: Final = ("output", "postrouting", "egress")
"""Hooks that an arriving packet, or one that leaves, goes through."""

_PROTOCOL: Final = 112
_FAMILIES: Final = {4: ("ip", "inet", "netdev"), 6: ("ip6", "inet", "netdev")}
_OF_IPTABLES: Final = {"ip": "iptables", "ip6": "ip6tables"}
_FIREWALLD: Final = (
    "firewall-cmd --permanent --add-rich-rule='rule protocol value=\"vrrp\" accept' && firewall-cmd --reload"
)


def line_for(firewall: Firewall | Unseen, family: int, hooks: tuple[str, ...], device: str) -> str:
    """Return the line. Every chain that may drop the packet gets a rule: which one does is not known."""
    inward = hooks == INWARD
    if isinstance(firewall, Unseen):
        return f"{_iptables(family, inward)} (or the same in nftables; `nft list ruleset` shows the rules)"
    if ("inet", "firewalld") in firewall.tables and inward:
        return _FIREWALLD
    filtering = [
        chain
        for chain in firewall.chains
        if chain.family in _FAMILIES[family]
        and chain.hook in hooks
        and chain.kind == "filter"
        and not chain.idle
        and not chain.table.startswith("vip-sidecar-")
    ]
    if not filtering:
        return f"{_iptables(family, inward)} (look for what else filters {device}: `tc filter show`, eBPF)"
    return "; ".join(dict.fromkeys(_rule(chain) for chain in filtering))


def _rule(chain: Chain) -> str:
    program = _OF_IPTABLES.get(chain.family)
    if program is not None and chain.name.isupper():
        return f"{program} -t {chain.table} -I {chain.name} -p {_PROTOCOL} -j ACCEPT"
    return f"nft insert rule {chain.family} {chain.table} {chain.name} meta l4proto {_PROTOCOL} accept"


def _iptables(family: int, inward: bool) -> str:
    program = "iptables" if family == 4 else "ip6tables"  # noqa: PLR2004
    return f"{program} -I {'INPUT' if inward else 'OUTPUT'} -p {_PROTOCOL} -j ACCEPT"
