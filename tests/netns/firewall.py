"""A host's own firewall keeps its advertisements from getting out: who does that, and where."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.netns.namespace import Namespace

_CHAINS = {
    "output": ("inet", "type filter hook output priority 0;"),
    "postrouting": ("inet", "type filter hook postrouting priority 0;"),
    "egress": ("netdev", "type filter hook egress device eth0 priority 0;"),
}


@contextmanager
def no_adverts_out(host: Namespace, hook: str = "output", also: str = "") -> Iterator[None]:
    """No packet of protocol 112 leaves this host in the block; `also` narrows the rule (nft expression)."""
    family, chain = _CHAINS[hook]
    rule = f"meta l4proto 112 {also} counter drop"
    host.run("nft", "-f", "-", stdin=f"table {family} mute {{\nchain out {{\n{chain}\n{rule}\n}}\n}}\n")
    try:
        yield
    finally:
        host.run("nft", "delete", "table", family, "mute")
