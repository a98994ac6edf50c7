"""The other end of the link in a namespace of its own, so that the two ends are neighbours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kernel.own_namespace import ip
from tests.netns.namespace import Namespace


def set_ipv6(setting: str, value: int, interface: str = "v0") -> None:
    """Write one IPv6 setting of an interface in the namespace of this thread."""
    Path(f"/proc/sys/net/ipv6/conf/{interface}/{setting}").write_text(str(value))


def give_ipv6() -> None:
    """Give v0 an address of each scope, usable at once, and none of the kernel's own choice."""
    set_ipv6("addr_gen_mode", 1)
    ip("-6 address flush dev v0")
    ip("address add fd77::11/64 dev v0 nodad")
    ip("address add fe80::11/64 dev v0 nodad")


@contextmanager
def far_end() -> Iterator[Namespace]:
    """Move v1 away and give it 10.77.0.12, fd77::12 and fe80::12."""
    far = Namespace()
    try:
        ip(f"link set v1 netns {far.pid}")
        far.ip(
            "link set v1 addrgenmode none",
            "link set v1 up",
            "address add 10.77.0.12/24 dev v1",
            "address add fd77::12/64 dev v1 nodad",
            "address add fe80::12/64 dev v1 nodad",
        )
        yield far
    finally:
        far.close()
