"""`run`: the sidecar itself, in the foreground. This process becomes the router."""

import gc
import sys
from argparse import Namespace
from functools import partial
from importlib import import_module

from sidecar.cli import exit_codes, preflight


def execute(arguments: Namespace) -> int:
    """Run the verb: nothing is touched before the configuration and the capabilities are right."""
    # As late as possible, and all three processes at a time: each of them has much to load.
    from sidecar import privileges  # noqa: PLC0415
    from sidecar.router.config_child import package_of  # noqa: PLC0415
    from sidecar.router.observer_process import start_early, start_observer  # noqa: PLC0415
    from sidecar.router.observer_user import ObserverUser, Refused, is_ours  # noqa: PLC0415

    # What is loaded now stays for ever. The shell enables it again, and the child is gone before it matters.
    gc.disable()
    wanted = arguments.observer_user
    try:
        user = None if wanted is None or is_ours(wanted) else ObserverUser(wanted)
        # Before anything else runs, so that a reload reads the file with the same rights as this start.
        privileges.keep(privileges.NETWORK)
    except (Refused, OSError) as refused:
        sys.stderr.write(f"cannot start: {refused}\n")
        return exit_codes.BROKEN
    starter = partial(start_observer, user=user)
    early = start_early(starter)
    # Once for this process and for the child, which is a fork of it.
    import_module("sidecar.channel.parameters")
    package = package_of(str(arguments.config), _read, _load)
    code = exit_codes.OK
    if isinstance(package, int):
        code = package
    elif lacking := preflight.missing((preflight.NET_ADMIN, preflight.NET_RAW)):
        sys.stderr.write(preflight.how_to_grant(lacking))
        code = exit_codes.BROKEN
    else:
        from sidecar.router.start import start  # noqa: PLC0415

        return start(package, str(arguments.config), early, starter)
    if early is not None:
        early.dismiss()
    return code


def _read(file: str, descriptor: int) -> int:
    """Be the configuration child."""
    from sidecar.cli.config_child import main  # noqa: PLC0415 - in the child alone

    return main(file, descriptor)


def _load() -> None:
    """Load the router while the child reads the file."""
    import_module("sidecar.router.start")
