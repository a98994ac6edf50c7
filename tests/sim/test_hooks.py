"""The regime of hooks runs every one of them."""

from tests.sim.run import run_seed


def test_every_hook_is_run_in_the_regime() -> None:
    ran = {
        run.hook for seed in range(4) for host in run_seed("hooks", seed).hosts for *_, run in host.hooks.ran
    }
    assert {"pre_acquire", "post_acquire", "pre_release", "post_release", "on_check"} <= ran
