"""The beginning: this process becomes the router, a fork of it reads the file, an observer is loaded.

All three have much to load, at the same time. Where an earlier process has left VIPs, whose lease runs,
router and child have the processors for themselves: listening, and going on with the VIPs, wait for the
slower of them, and the router starts the observer afterwards.
"""

import gc
import sys
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from sidecar import privileges, signals
from sidecar.cli import exit_codes
from sidecar.router.config_child import package_of

if TYPE_CHECKING:
    from sidecar.router.observer_user import ObserverUser, UserIds


def begin(file: str, wanted: "UserIds | None") -> int:
    """Be the sidecar. Nothing is touched before the configuration and the capabilities are right.

    The observer becomes the user that is `wanted`. Returns the exit status.
    """
    signals.hold()
    # What is loaded now stays for ever. The shell enables it again, and the child is gone before it matters.
    gc.disable()
    try:
        user = None if wanted is None else _user(wanted)
        # Before anything else runs, so that a reload reads the file with the same rights as this start.
        privileges.keep(privileges.NETWORK)
    except OSError as refused:
        sys.stderr.write(f"cannot start: {refused}\n")
        return exit_codes.BROKEN
    from sidecar.net.addresses.leftovers import any_left  # noqa: PLC0415 - without the other privileges
    from sidecar.router.observer_process import start_early, start_observer  # noqa: PLC0415

    starter = partial(start_observer, user=user)
    early = None if any_left() else start_early(starter)
    # Once for this process and for the child, which is a fork of it.
    import_module("sidecar.channel.parameters")
    try:
        package = package_of(file, _read, _load)
    except SystemExit:
        if early is not None:
            early.dismiss()
        raise
    code = exit_codes.OK
    if isinstance(package, int):
        code = package
    elif lacking := _lacking():
        sys.stderr.write(lacking)
        code = exit_codes.BROKEN
    else:
        from sidecar.router.start import start  # noqa: PLC0415 - loaded by now

        return start(package, file, early, starter)
    if early is not None:
        early.dismiss()
    return code


def _lacking() -> str:
    """Say which capabilities are missing, and how to grant them; "" if none is."""
    from sidecar.cli import preflight  # noqa: PLC0415 - the child has no use for it

    lacking = preflight.missing((preflight.NET_ADMIN, preflight.NET_RAW))
    return preflight.how_to_grant(lacking) if lacking else ""


def _load() -> None:
    """Load the router while the child reads, and remove what loading has left behind."""
    import_module("sidecar.router.start")
    gc.collect()
    gc.freeze()


def _user(wanted: "UserIds") -> "ObserverUser | None":
    """Return the user of the observer, None if that is ours. Raises OSError."""
    from sidecar.router.observer_user import ObserverUser, is_ours  # noqa: PLC0415 - where it is wanted

    return None if is_ours(wanted) else ObserverUser(wanted)


def _read(file: str, descriptor: int) -> int:
    """Be the configuration child."""
    from sidecar.cli.config_child import main  # noqa: PLC0415 - in the child alone

    return main(file, descriptor)
