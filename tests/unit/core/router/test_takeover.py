"""Why a backup takes over, in one sentence."""

from sidecar.core.router.down_timer import DownTimer
from sidecar.core.router.takeover import decide
from sidecar.core.state import Reason


def test_silence_is_counted_from_when_the_wait_began() -> None:
    found = decide(100, None, None, DownTimer(1.0, since=5.0), 8.61)
    assert (found.reason, found.detail) == (
        Reason.MASTER_DOWN,
        "no advertisement of any master for 3.61 s",
    )
