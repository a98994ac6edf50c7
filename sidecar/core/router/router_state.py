"""Everything that one virtual router remembers: plain data, apart from what is done with it.

`Election(params, state, ...)` can be made from it at any moment, with the same parameters or with others of
the same router: it goes on where the state is. Times are seconds of the core's clock.
"""

from dataclasses import dataclass, field
from math import inf
from typing import Final

from sidecar.core.actions import PrioritizeSenders
from sidecar.core.address import Address, Vip
from sidecar.core.events import InterfaceState
from sidecar.core.health.effective_priority import EffectivePriority, Inherited
from sidecar.core.params import RouterParams, skew
from sidecar.core.priorities import UNFIT_PRIORITY
from sidecar.core.router.address_conflict import AddressConflict
from sidecar.core.router.announce import Announcer
from sidecar.core.router.auth_state import AuthState
from sidecar.core.router.down_timer import DownTimer
from sidecar.core.router.hook_wait import HookRecord
from sidecar.core.router.kernel_refusal import KernelRefusal
from sidecar.core.router.lease import Lease
from sidecar.core.router.leverage import Leverage
from sidecar.core.router.pair import PairWatch
from sidecar.core.router.peers import Peers
from sidecar.core.router.preemption import Preemption
from sidecar.core.router.resignation import Resignation
from sidecar.core.router.send_health import SendHealth
from sidecar.core.router.takeover import Takeover
from sidecar.core.state import State

UNKNOWN: Final = EffectivePriority(UNFIT_PRIORITY, fit=False)
"""Before the first verdicts."""


@dataclass(slots=True)
class RouterState:
    """One virtual router at one moment. `bind` gives its records the parameters by which they count."""

    # ---- the state machine: state_machine.py
    since: float
    judged_at: float
    begun_at: float
    """When this sidecar began. Minus infinity: it goes on where an earlier process was killed."""
    lease: Lease
    sending: SendHealth
    timer: DownTimer
    preemption: Preemption
    pair: PairWatch
    leverage: Leverage
    state: State = State.INIT
    why: str = "starting: leftovers of an earlier life are being removed"
    fitness: EffectivePriority = UNKNOWN
    inherited: Inherited | None = None
    adopted: bool = False
    """MASTER since an earlier process, and not by a transition of this one."""
    takeover: Takeover | None = None
    """Decided, and waiting for the kernel. The router is BACKUP until it has answered."""
    replaced: Address | None = None
    """The master that was preempted: it may say one last word."""
    replaced_spoke: bool = False
    contested: bool = False
    """The VIPs were taken from a living master, and it is not known yet that it could be told."""
    struck: bool = False
    stopping: bool = False
    refusal: KernelRefusal = field(default_factory=KernelRefusal)
    hooks: HookRecord = field(default_factory=HookRecord)

    # ---- what makes a MASTER: active.py
    link: InterfaceState | None = None
    missing: str = ""
    """Why there is no such interface, if so."""
    link_known: bool = False
    answered: str = ""
    """An unknown machine that answers for a VIP, if this router may not take over beside it."""
    source: Address | None = None
    """The address to send from, None if there is none now."""
    advertised: tuple[Vip, ...] = ()
    """The VIPs that an advertisement names. Empty before the interface is known: all."""
    unadvertised: frozenset[Vip] = frozenset()
    """The others: they do not fit into it."""
    spoken: Address | None = None
    """The source of the last advertisement: the one by which peers know this host."""
    sent_at: float = -inf
    advert_at: float = inf
    announcer: Announcer = field(default_factory=Announcer)
    announce_when_held: bool = False
    removals: AddressConflict = field(default_factory=AddressConflict)
    resignation: Resignation = field(default_factory=Resignation)
    found: frozenset[Vip] = frozenset()
    """VIPs of an earlier life that the sweep has removed."""

    # ---- the waiting of a backup: backup.py
    leaver: Address | None = None
    hurried_at: float = -inf
    ignored_until: float = -inf

    # ---- what is heard: receive.py, attention.py, auth.py
    peers: Peers = field(default_factory=Peers)
    followed: Address | None = None
    all_until: float = -inf
    attention_told: PrioritizeSenders | None = None
    attended: tuple[State, float] | None = None
    auth: AuthState = field(default_factory=AuthState)

    @classmethod
    def begin(cls, params: RouterParams, now: float, begun_at: float = -inf) -> "RouterState":
        """Return the state of a router that has done nothing yet, in a sidecar that began at `begun_at`."""
        return cls(
            since=now,
            judged_at=now,
            begun_at=begun_at,
            lease=Lease(params),
            sending=SendHealth(params.interval),
            timer=DownTimer(params.interval, version=params.version),
            preemption=Preemption(params),
            pair=PairWatch(params),
            leverage=Leverage(params),
            attended=(State.INIT, now),
        )

    @property
    def claims(self) -> bool:
        """Whether it is MASTER, or is about to be."""
        return self.state is State.MASTER or self.takeover is not None

    def startup_ends(self, params: RouterParams, mine: int) -> float:
        """When `startup_delay` ends, given our priority: of hosts that boot at once the better is first."""
        if not params.startup_delay:
            return -inf
        return self.begun_at + params.startup_delay + skew(mine, params.interval, params.version)

    def earliest(self, params: RouterParams, mine: int) -> float:
        """The moment before which it takes over from nobody, however long they are silent."""
        retry_at = max(self.refusal.retry_at, self.hooks.retry_at)
        return max(retry_at, self.sending.waits_until, self.startup_ends(params, mine))

    def bind(self, params: RouterParams) -> None:
        """Count by these parameters from now on."""
        for record in (self.lease, self.preemption, self.pair, self.leverage):
            record.params = params
        self.sending.interval, self.timer.version = params.interval, params.version
        if params.hmac is None:
            # Keys that come later begin anew: the clock may have been set meanwhile.
            self.auth = AuthState()
