"""The other end of the link in a namespace of its own, so that the two ends are neighbours."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.kernel.own_namespace import ip
from tests.netns.lab import wait_until
from tests.netns.namespace import Namespace


def set_ipv6(setting: str, value: int, interface: str = "v0") -> None:
    """Write one IPv6 setting of an interface in the namespace of this thread."""
    Path(f"/proc/sys/net/ipv6/conf/{interface}/{setting}").write_text(str(value))


def give_ipv6() -> None:
    """Give v0 an address of each scope, usable at once, and none of the kernel's own choice."""
    set_ipv6("addr_gen_mode", 1)
    ip("-6 address flush dev v0")
    for each in ("fd77::11", "fe80::11"):
        ip(f"address add {each}/64 dev v0 nodad")
        wait_until(partial(_delivers, each), 5, f"{each} is usable")


def _delivers(address: str) -> bool:
    """Whether the kernel has the address's route, which a work queue makes, on a busy machine later."""
    return bool(ip(f"-6 route show table local {address} dev v0"))


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
