"""The folder of what lasts."""

import pytest

from sidecar.plan.plan import ObserverPlan
from sidecar.plan.services import Control, State
from sidecar.plan.state_folder import state_folder


@pytest.mark.parametrize(
    ("plan", "folder"),
    [
        (ObserverPlan("a"), "/run/vip-sidecar/control.state"),
        (ObserverPlan("a", control=Control("/srv/x/b")), "/srv/x/b.state"),
        (ObserverPlan("a", control=Control("/b.sock")), "/b.state"),
        (ObserverPlan("a", state=State("/var/lib/a")), "/var/lib/a"),
    ],
)
def test_sidecars_with_control_sockets_of_their_own_have_folders_of_their_own(
    plan: ObserverPlan, folder: str
) -> None:
    assert state_folder(plan) == folder
