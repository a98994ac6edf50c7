"""Hypothesis drives the same world: it draws the misfortune, and shrinks what breaks a promise."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.sim.host.host import Host
from tests.sim.world import VIP, Plan, World

OVERLAP = 2.8
"""Lease 2 s at an interval of 1 s, the kernel 0.7 s late, delays."""


class LanOfThree(RuleBasedStateMachine):
    """Process and kernel faults alone, so that the bound on overlaps holds."""

    world: World

    @initialize(seed=st.integers(0, 2**32), preempt=st.booleans())
    def build(self, seed: int, preempt: bool) -> None:
        self.world = World(Plan((250, 240, 100), preempt=preempt, overlap=OVERLAP), seed)
        for host in self.world.hosts:
            host.start()

    def _host(self, number: int) -> Host:
        return self.world.hosts[number]

    @rule(seconds=st.floats(0.01, 6.0))
    def wait(self, seconds: float) -> None:
        self.world.run(seconds)

    @rule(number=st.integers(0, 2))
    def kill(self, number: int) -> None:
        self._host(number).kill()

    @rule(number=st.integers(0, 2))
    def start(self, number: int) -> None:
        if self._host(number).node is None:
            self._host(number).start()

    @rule(number=st.integers(0, 2))
    def freeze(self, number: int) -> None:
        self._host(number).freeze()

    @rule(number=st.integers(0, 2))
    def thaw(self, number: int) -> None:
        self._host(number).thaw()

    @rule(number=st.integers(0, 2))
    def stop(self, number: int) -> None:
        if self._host(number).node is not None and not self._host(number).frozen:
            self._host(number).stop()

    @rule(number=st.integers(0, 2), good=st.booleans())
    def check(self, number: int, good: bool) -> None:
        self._host(number).set_check("check0", good=good)

    @rule(number=st.integers(0, 2), up=st.booleans())
    def plug(self, number: int, up: bool) -> None:
        self._host(number).set_link(up=up)

    @rule(number=st.integers(0, 2))
    def steal(self, number: int) -> None:
        self._host(number).kernel.delete(VIP)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        for host in self.world.hosts:
            host.thaw()
            host.set_link(up=True)
            if host.node is None or host.process.stopping:
                host.kill()
                host.start()
        self.world.settle()


LanOfThree.TestCase.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
TestLanOfThree = LanOfThree.TestCase
