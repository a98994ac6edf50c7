"""Other managers of the host."""

from dataclasses import replace

from sidecar.core.params import HmacParams
from sidecar.core.router.address_conflict import lost_fight
from sidecar.core.wire.hmac_key import HmacKey
from sidecar.doctor.evidence import Kernel, Removals
from sidecar.doctor.mistakes.surroundings import judge
from sidecar.doctor.problem import Severity, Unseen
from tests.unit.doctor.handmade import ETH0, evidence, problems, router, running, told, unseen

SIGNED = router(hmac=HmacParams((HmacKey(1, b"secret of sixteen bytes"),)))


def test_something_else_removes_the_vip() -> None:
    removed = {"web": Removals(3, 125.0)}
    (found,) = problems(judge(evidence(removed=removed)))
    assert found.what == "something else removes the VIP from eth0"
    assert found.evidence == "3 times within a day, the last time 2m 5s ago"
    leased = replace(ETH0, leased=True)
    dhcp = Kernel({"eth0": leased}, ("lo", "eth0"), all_devices=(leased,))
    (managed,) = problems(judge(evidence(removed=removed, kernel=dhcp)))
    assert "eth0 has an address by DHCP" in managed.evidence
    assert problems(judge(evidence(kernel=dhcp))) == []


def test_in_a_fault_for_it_that_is_told_for_as_long_as_the_fault_lasts() -> None:
    """Nothing can be removed meanwhile, and the events of the fight are older than a day."""
    fault = running(told(state="FAULT", reason=f"{lost_fight('eth0')}; the kernel is asked again when ..."))
    for removed in ({}, {"web": Removals(10, 125.0)}, Unseen("EPERM")):
        (found,) = problems(judge(evidence(running=fault, removed=removed)))
        assert found.severity is Severity.FAULT
        assert found.what == "something else removes the VIP from eth0"
        assert "in FAULT" in found.why
    other = running(told(state="FAULT", reason="interface eth0 is down"))
    assert problems(judge(evidence(running=other))) == []


def test_a_clock_that_nobody_sets_matters_where_adverts_are_signed() -> None:
    (found,) = problems(judge(evidence(router=SIGNED, synchronised=False)))
    assert found.mend.startswith("systemctl enable --now chrony")
    assert problems(judge(evidence(synchronised=False))) == []
    assert problems(judge(evidence(router=SIGNED))) == []
    blind = Unseen("EPERM")
    assert unseen(judge(evidence(router=SIGNED, synchronised=blind))) == ["EPERM"]
    assert unseen(judge(evidence(removed=blind))) == ["EPERM"]
