"""One sidecar for each virtual router and each VIP of a network namespace: abstract unix sockets as locks.

The kernel keeps these names per network namespace, so two containers that share one meet here, and it frees
them when the process ends, however it ends. Nothing is on a disk that a crash could leave behind.
"""

import os
import resource
import socket
import struct
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from errno import EADDRINUSE
from functools import partial
from typing import Final, NamedTuple

from sidecar.core.params import RouterParams
from sidecar.event_loop import EventLoop
from sidecar.net.addresses.host_networks import chosen_interfaces
from sidecar.net.kernel.small_file import read_kernel_file

WAIT: Final = 2.0
"""Seconds to wait for a sidecar that is just ending: a stop takes less than one."""
_RETRY: Final = 0.05
_TIDY: Final = 10.0
"""Seconds between two looks for whoever has asked for our name."""
_ASKED: Final = 16
"""Others that can ask for our name in that time; the next ones still see that it is taken."""
_PREFIX: Final = "\0vip-sidecar/"
_LONGEST: Final = 60
"""Letters of an interface's name; the kernel lets abstract names have 107 bytes."""
_FILES: Final = 512
"""Open files that everything else may need."""
_CREDENTIALS: Final = struct.Struct("=3i")
_SHOWN: Final = 200
_IPV6: Final = 6


class Held(Exception):  # noqa: N818 - it is a state of affairs
    """Somebody else has a lock, or two routers want the same one; the text says who and what to do."""


class RouterLocks:
    """The locks of one process, from `acquire` to `close`."""

    def __init__(self) -> None:
        self._sockets: dict[str, socket.socket] = {}

    def acquire(
        self,
        routers: Iterable[RouterParams],
        trouble: Callable[[str], None],
        wait: float = WAIT,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take all locks of these routers. Raises Held after `wait` seconds; then none of this call is kept.

        Those that are held already stay as they are: before routers are exchanged those of the new ones are
        taken, and `keep` frees the others afterwards.

        `pause` waits for so many seconds, and may raise what ends the waiting.
        A lock that cannot be made for any other reason is told by `trouble` and left out: it is a guard
        against a mistake, and no reason not to serve.
        """
        wanted = _wanted(routers)
        room = _allow_files(len(wanted))
        deadline = time.monotonic() + wait
        if len(wanted) > room:
            trouble(
                f"cannot make sure that no other sidecar has all {len(wanted)} VRIDs and VIPs, but only the "
                f"first {room}: this process may not open more files (ulimit -Hn)"
            )
        # In one order for all, so that of two that start at once one gets everything.
        wanted = {name: what for name, what in wanted.items() if name not in self._sockets}
        ordered = sorted(wanted.items(), key=lambda item: (not item[0].startswith("vrid"), item))
        before = set(self._sockets)
        for name, what in ordered[:room]:
            try:
                self._take(name, what, deadline, trouble, pause)
            except Exception:
                self._free(self._sockets.keys() - before)
                raise

    def keep(self, routers: Iterable[RouterParams]) -> None:
        """Free all locks but those of these routers. Raises Held if two of them want the same one."""
        self._free(self._sockets.keys() - _wanted(routers).keys())

    def _free(self, names: Collection[str]) -> None:
        for name in names:
            self._sockets.pop(name).close()

    def attend(self, loop: EventLoop) -> None:
        """From now on let those go that have asked for our names."""
        for each in self._sockets.values():
            with suppress(OSError):
                for _ in range(_ASKED):
                    each.accept()[0].close()
        loop.call_later(_TIDY, partial(self.attend, loop))

    def close(self) -> None:
        """Free all locks."""
        self._free(tuple(self._sockets))

    def _take(
        self,
        name: str,
        what: str,
        deadline: float,
        trouble: Callable[[str], None],
        pause: Callable[[float], None],
    ) -> None:
        holder = _UNKNOWN
        while True:
            lock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            try:
                lock.bind(_PREFIX + name)
                lock.listen(_ASKED)
            except OSError as refused:
                lock.close()
                if refused.errno != EADDRINUSE:
                    trouble(f"cannot make sure that no other sidecar has {what}: {refused}")
                    return
            else:
                self._sockets[name] = lock
                return
            # Once is enough: whoever asks waits in a queue of the holder.
            holder = _holder(name) if holder in (_UNKNOWN, _SILENT) else holder
            late = time.monotonic() >= deadline
            if late and holder is _SILENT:
                # A sidecar listens at once. Anybody at all can take a name and say nothing.
                trouble(f"a process that answers nobody pretends to have {what} as a sidecar: ignored")
                return
            if holder.uid not in (None, 0, os.geteuid()):
                trouble(
                    f"process {holder.pid} of user {holder.uid} pretends to have {what} as a sidecar: ignored"
                )
                return
            if late:
                raise Held(_message(what, holder))
            pause(_RETRY)


def _wanted(routers: Iterable[RouterParams]) -> dict[str, str]:
    """Return the locks by name, each with what it stands for. Raises Held if two routers want the same."""
    wanted: dict[str, str] = {}
    owners: dict[str, RouterParams] = {}
    routers, chosen = tuple(routers), dict[str, str]()
    with suppress(OSError):
        chosen = chosen_interfaces(routers)
    for router in routers:
        for name, what in _locks(router, _canonical(chosen.get(router.interface, router.interface))):
            other = owners.setdefault(name, router)
            if other is not router:
                names = _one_interface(other, router)
                raise Held(
                    f"routers {other.name} and {router.name} both have {what}{names}; "
                    "give one of them another VRID and other addresses, or remove it"
                )
            wanted[name] = what
    return wanted


def _one_interface(one: RouterParams, two: RouterParams) -> str:
    if one.interface == two.interface:
        return ""
    return f" ({one.interface} and {two.interface} are one interface)"


def _locks(router: RouterParams, interface: str) -> Iterator[tuple[str, str]]:
    family = router.family
    yield f"vrid/{interface}/{family}/{router.vrid}", f"VRID {router.vrid} of IPv{family} on {interface}"
    for vip in router.addresses:
        # Such an address is another one on each link.
        place = f"%{interface}" if vip.version == _IPV6 and vip.ip.is_link_local else ""
        yield f"vip/{vip.ip}{place}", f"the VIP {vip.ip}{place}"
    if router.virtual_mac:
        yield f"interface/{router.vip_interface}", f"the interface {router.vip_interface}"


def _canonical(interface: str) -> str:
    """Return the kernel's own name of an interface that may be named otherwise, or that is not there yet."""
    with suppress(OSError):
        interface = socket.if_indextoname(socket.if_nametoindex(interface))
    if len(interface) <= _LONGEST:
        return interface
    import hashlib  # noqa: PLC0415 - brings OpenSSL, and such names are rare

    return hashlib.sha256(interface.encode()).hexdigest()[:_LONGEST]


class _Holder(NamedTuple):
    """The holder of a name. Process 0: one that is not visible from here; None: the kernel did not tell."""

    pid: int | None
    uid: int | None


_UNKNOWN: Final = _Holder(None, None)
_SILENT: Final = _Holder(-1, None)
"""It has the name and does not listen."""


def _holder(name: str) -> _Holder:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK) as asking:
        try:
            asking.connect(_PREFIX + name)
            raw = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        except ConnectionRefusedError:
            return _SILENT
        except OSError:
            return _UNKNOWN
        pid, uid, _ = _CREDENTIALS.unpack(raw)
        return _Holder(pid, uid)


def _message(what: str, holder: _Holder) -> str:
    if holder.pid is None:
        who = "which process that is, the kernel does not tell"
    elif holder.pid == 0:
        who = "a process of another container"
    else:
        who = f"process {holder.pid}{_command(holder.pid)}"
    return (
        f"another sidecar in this network namespace has {what} already: {who}; "
        "stop one of the two, or give this router another VRID and other addresses"
    )


def _command(pid: int) -> str:
    try:
        words = read_kernel_file(f"/proc/{pid}/cmdline").rstrip(b"\0").replace(b"\0", b" ")
    except OSError:
        return ""
    return f" ({words.decode(errors='replace')[:_SHOWN]})" if words else ""


def _allow_files(number: int) -> int:
    """Let this process open so many files, beside all others. Return how many it may, of the number."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number + _FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    if soft == resource.RLIM_INFINITY:
        return number
    return min(number, soft - min(_FILES, soft // 2))
