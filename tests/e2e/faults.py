"""Faults of host a of the compose lab. Each is done for real, and undone when its block ends."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.e2e.compose_lab import VIP, ComposeLab, run

Fault = Callable[[ComposeLab], AbstractContextManager[None]]

# In and out, so that nothing of the host is heard and nothing reaches it, while its own link stays up.
_CUT = """
table netdev cut {
    chain in { type filter hook ingress device eth0 priority -500; policy drop; }
    chain out { type filter hook egress device eth0 priority -500; policy drop; }
}
"""


@contextmanager
def nginx_killed(_: ComposeLab) -> Iterator[None]:
    """SIGKILL to nginx."""
    run("docker", "kill", "nginx-a")
    try:
        yield
    finally:
        run("docker", "start", "nginx-a")


@contextmanager
def nginx_hung(_: ComposeLab) -> Iterator[None]:
    """Workers stopped: the kernel still accepts connections, nobody answers them."""
    run("docker", "exec", "nginx-a", "sh", "-c", "kill -STOP -1")
    try:
        yield
    finally:
        run("docker", "exec", "nginx-a", "sh", "-c", "kill -CONT -1")


@contextmanager
def sidecar_terminated(_: ComposeLab) -> Iterator[None]:
    """SIGTERM to the sidecar."""
    run("docker", "stop", "sidecar-a")
    try:
        yield
    finally:
        run("docker", "start", "sidecar-a")


@contextmanager
def sidecar_killed(_: ComposeLab) -> Iterator[None]:
    """SIGKILL to the sidecar."""
    run("docker", "kill", "sidecar-a")
    try:
        yield
    finally:
        run("docker", "start", "sidecar-a")


@contextmanager
def sidecar_stopped(_: ComposeLab) -> Iterator[None]:
    """SIGSTOP to the sidecar, later SIGCONT."""
    run("docker", "kill", "--signal", "STOP", "sidecar-a")
    try:
        yield
    finally:
        run("docker", "kill", "--signal", "CONT", "sidecar-a")


@contextmanager
def cut_off(lab: ComposeLab) -> Iterator[None]:
    """Every frame from and to the host vanishes."""
    inside = lab.inside("host-a")
    run(*inside, "nft", _CUT)
    try:
        yield
    finally:
        run(*inside, "nft", "delete table netdev cut")


@contextmanager
def powered_off(lab: ComposeLab) -> Iterator[None]:
    """Everything on the host dies at once, its network namespace with it."""
    run("docker", "kill", "sidecar-a", "nginx-a", "host-a")
    try:
        yield
    finally:
        lab.compose("up", "--detach", "--no-build", "--no-recreate")


def delete_vip(lab: ComposeLab) -> None:
    """Somebody removes the VIP by hand."""
    run(*lab.inside("host-a"), "ip", "address", "del", f"{VIP}/32", "dev", "eth0")
