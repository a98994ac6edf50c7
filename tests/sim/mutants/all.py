"""All planted bugs that the regimes find; those of restarts are found by the regimes with restarts."""

from tests.sim.mutants.admission import MUTANTS_OF_ADMISSION
from tests.sim.mutants.announcement import MUTANTS_OF_ANNOUNCEMENTS
from tests.sim.mutants.damping import MUTANTS_OF_DAMPING
from tests.sim.mutants.down_timer import MUTANTS_OF_THE_DOWN_TIMER
from tests.sim.mutants.drain import MUTANTS_OF_DRAINS
from tests.sim.mutants.election import MUTANTS_OF_THE_ELECTION
from tests.sim.mutants.fault_state import MUTANTS_OF_FAULT
from tests.sim.mutants.fitness import MUTANTS_OF_FITNESS
from tests.sim.mutants.hooks import MUTANTS_OF_HOOKS
from tests.sim.mutants.kernel_replies import MUTANTS_OF_KERNEL_REPLIES
from tests.sim.mutants.lease import MUTANTS_OF_THE_LEASE
from tests.sim.mutants.muteness import MUTANTS_OF_MUTENESS
from tests.sim.mutants.observer import MUTANTS_OF_THE_OBSERVER
from tests.sim.mutants.pair import MUTANTS_OF_A_PAIR
from tests.sim.mutants.reload import MUTANTS_OF_A_RELOAD
from tests.sim.mutants.resignation import MUTANTS_OF_RESIGNATIONS
from tests.sim.mutants.transmission import MUTANTS_OF_TRANSMISSION

ALL = (
    *MUTANTS_OF_THE_LEASE,
    *MUTANTS_OF_KERNEL_REPLIES,
    *MUTANTS_OF_TRANSMISSION,
    *MUTANTS_OF_ANNOUNCEMENTS,
    *MUTANTS_OF_THE_ELECTION,
    *MUTANTS_OF_THE_DOWN_TIMER,
    *MUTANTS_OF_RESIGNATIONS,
    *MUTANTS_OF_A_PAIR,
    *MUTANTS_OF_ADMISSION,
    *MUTANTS_OF_FAULT,
    *MUTANTS_OF_DAMPING,
    *MUTANTS_OF_MUTENESS,
    *MUTANTS_OF_FITNESS,
    *MUTANTS_OF_THE_OBSERVER,
    *MUTANTS_OF_A_RELOAD,
    *MUTANTS_OF_DRAINS,
    *MUTANTS_OF_HOOKS,
)
