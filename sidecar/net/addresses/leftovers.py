"""Whether a sidecar has left VIPs on this host: asked before the configuration is known, which takes long."""

from sidecar.net.kernel.link import IP_FAMILIES, held_address
from sidecar.net.kernel.reader import KernelReader
from sidecar.net.kernel.rtnetlink import ADDRESS, NEW_ADDRESS, messages
from sidecar.net.ownership import kernel_marks


def any_left() -> bool:
    """Return whether any address of this host is one that a sidecar has added. Waits for the kernel.

    A kernel that keeps no marks, or cannot be asked, leaves it open: then what follows is only slower, or the
    lease of a DHCP client is taken for one of ours.
    """
    marks = kernel_marks()
    try:
        with KernelReader() as reader:
            return any(_has_ours(data, marks=marks) for data in reader.addresses())
    except OSError:
        return False


def _has_ours(data: bytes, *, marks: bool) -> bool:
    return any(
        held_address(data, at, end, marks=marks).ours
        for kind, at, end in messages(data)
        if kind == NEW_ADDRESS and ADDRESS.unpack_from(data, at)[0] in IP_FAMILIES
    )
