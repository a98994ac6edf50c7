"""The sidecar and a peer on two hosts, and what can happen to the one that serves."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Self

from tests.interop.matrix import PEERS, ROLES, Case
from tests.interop.promise import Outcome
from tests.interop.recording import Recording
from tests.netns.bounds import BUSY, KERNEL, lease
from tests.netns.lab import CLOSELY, SOLE, Lab
from tests.netns.sightings import longest_gap
from tests.netns.vrrp_daemon import Setup, sidecar

_SETTLE = 0.3
"""Seconds to look on after an event: a second gap counts too."""
_EXIT = 5.0
_PATIENCE = 20.0
"""Seconds to wait for a host. How long it took is measured by the client; here a slow start is no failure."""
_LOOK_BACK = 1000
"""Tries of the client before an event among which is the last answer before it."""


class Pair(Lab):
    """Host a has priority 250, host b 240. `ours` is the host that runs the sidecar, `theirs` the other.

    All that both send is recorded.
    """

    def __init__(self, case: Case, role: str, adapt: Callable[[Setup], Setup] = replace) -> None:
        self.ours = ROLES[role]
        self.theirs = "b" if self.ours == "a" else "a"
        daemons = {self.ours: sidecar, self.theirs: PEERS[case.peer]}
        super().__init__(adapt(case.setup()), daemons, every=CLOSELY)
        self._silence = case.silence
        self._recordings = ExitStack()

    def __enter__(self) -> Self:
        super().__enter__()
        self.recording = self._recordings.enter_context(Recording(self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._recordings.close()
        super().__exit__(kind, error, trace)

    def await_sole(self, name: str, within: float = SOLE) -> float:
        """See Lab; a peer may be late to tell us."""
        return super().await_sole(name, within + self._silence)

    def probe(self, server: str) -> None:
        """IPv6: let the client's kernel ask the host that serves whether it is still there."""
        mark, client = self.witness.mark, self.lan.members["client"]
        known = client.run("ip", "-6", "neigh", "show", self.setup.vip, "dev", "eth0").split()
        mac = known[known.index("lladdr") + 1]
        client.ip(f"neigh change {self.setup.vip} lladdr {mac} dev eth0 nud probe")
        self.await_sighting("answered", server, _PATIENCE, mark, to=self.lan.mac("client"))

    def crash(self) -> Outcome:
        """Host a is lost: of ours the daemon is killed, of theirs nothing is left, as after a power loss.

        A killed keepalived or vrrpd leaves the VIP on its host for ever; that is not what is tested.
        """
        if self.ours == "a":
            left = lease(self.setup.interval) + KERNEL + BUSY
            return self._outcome(self.hosts["a"].daemon.kill, "b", left)
        return self._outcome(lambda: self.power_off("a"), "b")

    def come_back(self) -> Outcome:
        """Host a is there again after a crash, and preempts."""
        if self.ours == "a":
            return self.start_again()
        return self._outcome(lambda: self.power_on("a"), "a")

    def stop(self) -> Outcome:
        """Host a's daemon is told to end, and says goodbye."""
        return self._outcome(lambda: self.hosts["a"].daemon.terminate(_EXIT), "b")

    def start_again(self) -> Outcome:
        """Host a's daemon is started again, and preempts."""
        return self._outcome(self.hosts["a"].daemon.start, "a")

    def _outcome(self, act: Callable[[], object], server: str, patience: float = SOLE) -> Outcome:
        """Do something, wait until only this host serves, and look back."""
        mark, since = self.client.mark, time.monotonic()
        act()
        self.await_server(server, _PATIENCE, mark)
        self.watch_for(_SETTLE)
        self.await_sole(server, patience)
        answers = self.client.since(max(0, mark - _LOOK_BACK))
        return Outcome(longest_gap(answers, since), self.overlap(since))
