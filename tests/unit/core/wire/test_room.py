"""How many addresses a packet of the least MTU has room for."""

import pytest

from sidecar.core.wire.room import may_be_cut


@pytest.mark.parametrize(
    ("number", "family", "cut"), [(136, 4, False), (137, 4, True), (76, 6, False), (77, 6, True)]
)
def test_a_list_may_be_cut_if_one_more_would_not_fit_everywhere(number: int, family: int, cut: bool) -> None:
    """IPv4: 20 + 8 + 137 x 4 = 576 bytes. IPv6: 40 + 8 + 77 x 16 = 1280 bytes."""
    assert may_be_cut(number, family) is cut
