"""The number that the kernel keeps with the VIPs: written and read, and refused by another router."""

from dataclasses import replace
from math import inf

import pytest

from sidecar.core.router.lease_record import MOST_SECONDS, LeaseRecord, read
from tests.unit.core.stage import router


@pytest.mark.parametrize("priority", [1, 100, 255])
@pytest.mark.parametrize("seconds", [inf, 0.0, 9.0, float(MOST_SECONDS)])
def test_a_record_is_read_as_it_was_written(priority: int, seconds: float) -> None:
    number = LeaseRecord(priority, seconds).number(router(250))
    assert 0 < number < 1 << 32
    assert read(number, router(7)) == LeaseRecord(priority, seconds)
    assert read(number, replace(router(250), vrid=52)) is None
    assert read(0, router(250)) is None


def test_the_number_uses_all_its_bits() -> None:
    numbers = [LeaseRecord(255).number(replace(router(250), vrid=vrid)) for vrid in range(1, 256)]
    assert max(numbers).bit_length() == 32
