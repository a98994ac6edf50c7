"""Whether a sidecar has left VIPs on this host: asked before the configuration is known, which takes long."""

from sidecar.net.kernel.link import held_address
from sidecar.net.kernel.reader import KernelReader
from sidecar.net.kernel.rtnetlink import NEW_ADDRESS, messages
from sidecar.net.ownership import kernel_marks


def any_left() -> bool:
    """Return whether any address of this host is one that a sidecar has added. Waits for the kernel.

    A kernel that keeps no marks, or cannot be asked, leaves it open: then what follows is only slower, or the
    lease of a DHCP client is taken for one of ours.
    """
    marks = kernel_marks()
    try:
        with KernelReader() as reader:
            return any(
                held_address(data, at, end, marks=marks).ours
                for data in reader.addresses()
                for kind, at, end in messages(data)
                if kind == NEW_ADDRESS
            )
    except OSError:
        return False
