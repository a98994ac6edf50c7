"""The threads of the network, each for one lock of the kernel and for one patience."""

from sidecar.event_loop import EventLoop
from sidecar.net.worker import Worker


class Workers:
    """All of them, from construction to `close`.

    `requests` change addresses and interfaces, and read what a change depends on: these are short, and a
    lease depends on them. `dumps` read everything, which may take longer than a lease. Both wait for RTNL.
    `rules` change nf_tables. They wait for another lock, which a firewall holds for as long as its rules
    take: a renewal must not wait behind them. That thread begins where it is needed at all.
    """

    def __init__(self, loop: EventLoop) -> None:
        self.requests = Worker("requests", loop)
        self.dumps = Worker("dumps", loop)
        self.rules = Worker("rules", loop)

    def close(self) -> None:
        """End them after all that is under way. Removals by `rules` are waited for."""
        self.requests.close(wait=False)
        self.dumps.close(wait=False)
        self.rules.close(wait=True)
