"""When putting VIPs back is a fight."""

from sidecar.core.router.address_conflict import AddressConflict


def test_a_flush_is_one_removal_and_ten_in_a_minute_are_a_fight() -> None:
    flush, fight, slow = AddressConflict(), AddressConflict(), AddressConflict()
    assert not any(flush.note(100.0 + n / 1000) for n in range(50))
    assert [fight.note(float(n)) for n in range(10)] == [False] * 9 + [True]
    assert [slow.note(n * 6.5) for n in range(10)] == [False] * 9 + [True]
    assert not any(AddressConflict().note(n * 7.0) for n in range(100))


def test_a_flush_is_one_removal_also_after_an_earlier_one() -> None:
    removals = AddressConflict()
    assert not removals.note(0.0)
    assert not any(removals.note(30.0 + n / 1000) for n in range(50))
