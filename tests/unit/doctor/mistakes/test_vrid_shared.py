"""Another service with our VRID."""

from sidecar.core.params import Unicast
from sidecar.doctor.mistakes.vrid_shared import judge
from tests.unit.doctor.handmade import evidence, heard, problems, router


def test_a_service_with_our_vrid_and_other_addresses_is_named_with_a_free_vrid() -> None:
    other = heard(addresses=["192.0.2.200"], source="192.0.2.21", mac="02:00:00:00:00:21")
    (found,) = problems(judge(evidence(heard(), other, heard(vrid=52, addresses=["192.0.2.201"]))))
    assert found.what == "another service uses VRID 51 on eth0"
    assert "192.0.2.21 (02:00:00:00:00:21) advertises 192.0.2.200" in found.evidence
    assert found.mend.startswith("vrid: 53   #")
    assert "51, 52" in found.mend


def test_a_pair_that_shares_an_address_is_no_other_service() -> None:
    assert problems(judge(evidence(heard(addresses=["192.0.2.100", "192.0.2.101"])))) == []
    assert problems(judge(evidence(heard(vrid=52, addresses=["192.0.2.200"])))) == []


def test_unicast_lives_with_multicast_of_its_vrid() -> None:
    alone = router(unicast=Unicast(None, ()))
    other = heard(addresses=["192.0.2.200"])
    assert problems(judge(evidence(other, router=alone))) == []
    assert (
        len(problems(judge(evidence(heard(addresses=["192.0.2.200"], to="192.0.2.12"), router=alone)))) == 1
    )


def test_every_vrid_in_use_leaves_none_to_propose() -> None:
    used = [heard(vrid=vrid, addresses=["192.0.2.200"]) for vrid in range(1, 256)]
    (found,) = problems(judge(evidence(*used)))
    assert found.mend.startswith("every VRID is used here")
