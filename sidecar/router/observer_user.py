"""The user of the observer: a thread keeps it, so that this process needs no capability to start or end one.

Credentials belong to threads (credentials(7)); only the C library makes all threads of a process change
together. One thread changes alone, while this process still has SETUID and SETGID, and then loses every
capability: its effective user and group are the observer's, the real and the saved ones stay ours. So a child
of it may become that user for good, and it may kill what has that user, as often as an observer must be
replaced. A process of that user may neither signal nor trace this one: for that the real and the saved user
count.
"""

import ctypes
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Final, TypeVar

from sidecar import privileges
from sidecar.privileges import SETGID, SETUID

_KEPT: Final = -1
_LARGEST: Final = 2**32 - 2
_MOST_GROUPS: Final = 32
_X86: Final = (116, 119, 117)
_GENERIC: Final = (159, 149, 147)
_NUMBERS: Final = {"x86_64": _X86, "aarch64": _GENERIC, "riscv64": _GENERIC, "loongarch64": _GENERIC}
"""Of the system calls setgroups, setresgid and setresuid: the C library's functions change all threads."""
_STARTED: Final = __file__.rsplit("/", 2)[0] + "/observer/start.py"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UserIds:
    """A user, its group, and further groups: numbers, or files whose group is meant."""

    uid: int
    gid: int
    groups: tuple[int | str, ...] = ()

    def __str__(self) -> str:
        """Return what the command line says."""
        return ",".join((f"{self.uid}:{self.gid}", *map(str, self.groups)))


class Refused(OSError):  # noqa: N818 - it is a state of affairs
    """The observer cannot be another user; the text says why, and the line that mends it."""


class ObserverUser:
    """Another user than ours, from construction on. For one thread at a time; raises Refused."""

    def __init__(self, user: UserIds) -> None:
        self.ids = (user.uid, user.gid)
        """User and group."""
        own = privileges.of()
        if not (own.may(SETUID) and own.may(SETGID)):
            raise Refused(_LACKING.format(user=user))
        if os.uname().machine not in _NUMBERS:
            raise Refused(f"--observer-user is not known for {os.uname().machine}: leave it out")
        self._work: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._done: SimpleQueue[object] = SimpleQueue()
        Thread(target=self._serve, name="observer user", daemon=True).start()
        try:
            self.call(lambda: _become(user))
        except OSError as error:
            raise Refused(f"the observer cannot be {user}: {error.strerror or error}") from error
        if unreadable := self.call(_unreadable):
            raise Refused(
                f"the observer cannot be {user}, which may not read {unreadable}: "
                "chmod a+rX it and the folders above it"
            )

    def call(self, work: Callable[[], T]) -> T:
        """Do that as the other user, and wait for its end. Raises what it raises."""
        self._work.put(work)
        done = self._done.get()
        if isinstance(done, BaseException):
            raise done
        return done  # type: ignore[return-value]  # what `work` has returned

    def _serve(self) -> None:
        while True:
            work = self._work.get()
            try:
                self._done.put(work())
            except Exception as error:  # noqa: BLE001 - it is for the caller
                self._done.put(error)


def parsed(text: str) -> UserIds:
    """Return the user that UID:GID[,GROUP...] means. Raise ValueError with what is wrong."""
    first, *more = text.split(",")
    uid, colon, gid = first.partition(":")
    if not colon:
        raise ValueError(f"{text!r} is no UID:GID: write both as numbers, as in 65532:65532")
    groups = tuple(each if each.startswith("/") else _number(each) for each in more)
    if len(groups) > _MOST_GROUPS:
        raise ValueError(f"more than {_MOST_GROUPS} further groups")
    return UserIds(_number(uid), _number(gid), groups)


def is_ours(user: UserIds) -> bool:
    """Say whether this process has that user already, so that nobody need become it."""
    return (os.geteuid(), os.getegid()) == (user.uid, user.gid)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _LARGEST):
        raise ValueError(f"{text!r} is no number of a user or group, and no path of a file that has one")
    return int(text)


def _become(user: UserIds) -> None:
    """Make it the effective user of this thread alone, and give up everything else."""
    groups = sorted({found for each in user.groups if (found := _group(each)) is not None})
    privileges.bound(0)
    privileges.keep(1 << SETUID | 1 << SETGID)
    setgroups, setresgid, setresuid = _NUMBERS[os.uname().machine]
    _call(setgroups, len(groups), (ctypes.c_uint32 * len(groups))(*groups))
    _call(setresgid, _KEPT, user.gid, _KEPT)
    _call(setresuid, _KEPT, user.uid, _KEPT)
    left = privileges.give_up()
    if (left.uid, left.gid) != (user.uid, user.gid):
        raise OSError(f"the kernel says uid {left.uid} and gid {left.gid} instead")


def _group(group: int | str) -> int | None:
    """Return the number; None for a file that is not there, so that one line serves with and without it."""
    if isinstance(group, int):
        return group
    try:
        return os.stat(group).st_gid  # noqa: PTH116 - a lean process
    except OSError:
        return None


def _call(number: int, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    # As whole registers: a number of 32 bits would leave the upper half as it was.
    passed = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    if libc.syscall(ctypes.c_long(number), *passed):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _unreadable() -> str:
    """Return a file that the observer begins with and that this thread may not read; "": there is none."""
    for path, mode in ((sys.executable, os.R_OK | os.X_OK), (_STARTED, os.R_OK)):
        if not os.access(path, mode, effective_ids=True):
            return path
    return ""


_LACKING: Final = """\
--observer-user {user} needs the capabilities SETUID and SETGID, which are dropped once they were used:
grant them in docker-compose.yml:
    cap_add: [NET_ADMIN, NET_RAW, SETUID, SETGID, SETPCAP]
or with docker run:
    --cap-add NET_ADMIN --cap-add NET_RAW --cap-add SETUID --cap-add SETGID --cap-add SETPCAP
or leave the option out: then the observer has the user of the router, and can read its files, such as keys.
A container user other than root gets no capability from either: run it as root.
In a systemd unit:
    AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW CAP_SETUID CAP_SETGID CAP_SETPCAP"""
