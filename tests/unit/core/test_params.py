"""Parameters of the core as text, and what follows from them."""

from dataclasses import replace

from sidecar.core.hook import PRE_RELEASE_LONGEST, Hook, HookParams
from sidecar.core.params import HmacParams, NodeParams
from sidecar.core.wire.hmac_key import HmacKey
from tests.unit.core.stage import router


def test_no_text_about_parameters_has_a_secret() -> None:
    params = router(password=b"the word", hmac=HmacParams((HmacKey(1, b"the key, which is of 32 bytes..."),)))
    assert "vrid=51" in repr(params)
    assert "the word" not in repr(params)
    assert "the key" not in repr(params)


def test_a_planned_stop_waits_as_long_as_the_slowest_hook_before_it_may_take() -> None:
    quick = router(hooks=HookParams((Hook.PRE_RELEASE, Hook.POST_FAULT), timeout=0.2))
    slow = replace(quick, name="api", vrid=52, hooks=HookParams((Hook.PRE_RELEASE,), timeout=9.0))
    other = replace(quick, name="db", vrid=53, hooks=HookParams((Hook.PRE_ACQUIRE,), timeout=0.4))
    assert NodeParams("a", (quick, other)).leaving_patience == 0.2
    assert NodeParams("a", (quick, slow, other)).leaving_patience == PRE_RELEASE_LONGEST
    assert NodeParams("a", (other, router())).leaving_patience == 0.0
