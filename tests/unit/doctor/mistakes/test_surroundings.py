"""Other managers of the host."""

from dataclasses import replace

from sidecar.core.params import HmacParams
from sidecar.core.wire.hmac_key import HmacKey
from sidecar.doctor.evidence import Kernel, Removals
from sidecar.doctor.mistakes.surroundings import judge
from sidecar.doctor.problem import Unseen
from tests.unit.doctor.handmade import ETH0, evidence, problems, router, unseen

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


def test_a_clock_that_nobody_sets_matters_where_adverts_are_signed() -> None:
    (found,) = problems(judge(evidence(router=SIGNED, synchronised=False)))
    assert found.mend.startswith("systemctl enable --now chrony")
    assert problems(judge(evidence(synchronised=False))) == []
    assert problems(judge(evidence(router=SIGNED))) == []
    blind = Unseen("EPERM")
    assert unseen(judge(evidence(router=SIGNED, synchronised=blind))) == ["EPERM"]
    assert unseen(judge(evidence(removed=blind))) == ["EPERM"]
