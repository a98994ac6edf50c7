"""Telling a service manager that started this process when it is at work (sd_notify(3)).

It believes the main process alone (`NotifyAccess=main`), which is the router. Nothing waits for it, and
where no manager asks nothing is done.
"""

import os
import socket
import sys
from collections.abc import Mapping
from typing import Final

from sidecar.event_loop import EventLoop

AT_LATEST: Final = 20.0
"""Seconds of serving after which it is told although no observer is at work: the VIP does not need one."""
_AGAIN: Final = 0.5
"""Seconds until it is tried again, if the manager has not read what others told it."""
_READY: Final = b"READY=1"


class Readiness:
    """For the thread of the loop. The manager is told once."""

    def __init__(self, loop: EventLoop, environment: Mapping[str, str] = os.environ) -> None:
        self._loop = loop
        self._where = environment.get("NOTIFY_SOCKET", "")

    def tell(self) -> None:
        """The control socket answers, or it is too late to wait for that."""
        where, self._where = self._where, ""
        if not where:
            return
        # The name of a socket that is in no folder begins with a zero, which no variable can have.
        address = f"\0{where[1:]}" if where[0] == "@" else where
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as manager:
                manager.sendto(_READY, address)
        except BlockingIOError:
            self._where = where
            self._loop.call_later(_AGAIN, self.tell)
        except OSError as error:
            sys.stderr.write(f"the service manager at {where} cannot be told that this is ready: {error}\n")
