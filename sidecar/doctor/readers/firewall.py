"""Tables and base chains of nf_tables, by name. iptables-nft is among them, iptables-legacy is not."""

from typing import Final

from sidecar.doctor.evidence import Chain, Firewall
from sidecar.doctor.problem import Unseen
from sidecar.net.kernel.rtnetlink import attributes, nested, text
from sidecar.net.nft.nfnetlink import NfTables

_GET_TABLE: Final = 1
_GET_CHAIN: Final = 4
_TABLE_NAME: Final = 1
_TABLE, _NAME, _HOOK, _POLICY, _USE, _TYPE = 1, 3, 4, 5, 6, 7
_HOOK_NUMBER: Final = 1
_ACCEPT: Final = 1
_FAMILIES: Final = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
_HOOKS: Final = ("prerouting", "input", "forward", "output", "postrouting", "ingress")
_DEVICE_HOOKS: Final = ("ingress", "egress")


def read_firewall() -> Firewall | Unseen:
    """Return what the kernel says. Needs NET_ADMIN."""
    try:
        netfilter = NfTables()
        try:
            tables = tuple(netfilter.dump(_GET_TABLE))
            chains = tuple(netfilter.dump(_GET_CHAIN))
        finally:
            netfilter.close()
    except OSError as error:
        lacks = "it needs the capability NET_ADMIN" if isinstance(error, PermissionError) else error.strerror
        return Unseen(f"the tables of the firewall cannot be read: {lacks}")
    named = ((_family(number), _said(data)) for number, data in tables)
    found = (_chain(_family(number), _said(data)) for number, data in chains)
    return Firewall(
        tuple((family, text(said[_TABLE_NAME])) for family, said in named if _TABLE_NAME in said),
        tuple(chain for chain in found if chain is not None),
    )


def _family(number: int) -> str:
    return _FAMILIES.get(number, str(number))


def _said(data: bytes) -> dict[int, bytes]:
    return attributes(data, 0, len(data))


def _chain(family: str, said: dict[int, bytes]) -> Chain | None:
    """Return a base chain; None: it is another kind of chain, through which nothing goes by itself."""
    if _HOOK not in said or _NAME not in said or _TABLE not in said:
        return None
    number = int.from_bytes(nested(said[_HOOK]).get(_HOOK_NUMBER, b"\xff"), "big")
    hooks = _DEVICE_HOOKS if family == "netdev" else _HOOKS
    used = int.from_bytes(said.get(_USE, b"\0"), "big")
    policy = int.from_bytes(said.get(_POLICY, _ACCEPT.to_bytes(4, "big")), "big")
    return Chain(
        family,
        text(said[_TABLE]),
        text(said[_NAME]),
        hooks[number] if number < len(hooks) else str(number),
        text(said.get(_TYPE, b"")),
        idle=not used and policy == _ACCEPT,
    )
