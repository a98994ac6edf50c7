"""When a kernel that refused is asked again."""

from math import inf

from sidecar.core.router.kernel_refusal import KernelRefusal


def test_a_refusal_is_lifted_when_what_explains_it_is_gone_and_not_because_nothing_is_seen() -> None:
    refusal = KernelRefusal()
    refusal.note("EPERM", 1.0, 0.5, served=False)
    refusal.explain(seen=False)
    assert (refusal.why, refusal.retry_at) == ("EPERM", 1.5)
    refusal.explain(seen=True)
    assert refusal.why == "EPERM"
    refusal.explain(seen=False)
    assert (refusal.why, refusal.retry_at) == ("", -inf)


def test_only_refusals_while_another_host_serves_make_the_pauses_longer() -> None:
    refusal = KernelRefusal()
    for _ in range(3):
        refusal.note("EPERM", 1.0, 0.5, served=False)
        assert refusal.retry_at == 1.5
    refusal.note("EPERM", 2.0, 0.5, served=True)
    assert refusal.retry_at == 3.0


def test_the_first_refusal_while_another_host_serves_doubles_the_pause_once() -> None:
    refusal = KernelRefusal()
    refusal.note("EPERM", 2.0, 0.5, served=True)
    assert refusal.retry_at == 3.0
