"""A priority 0 that is said late, and what makes it needless."""

import pytest

from tests.unit.core.stage import DOWN, DROPPED, LINK, feed, heard, kinds, master


@pytest.mark.parametrize(("said", "then"), [(0, ["SendAdvert(0)"]), (150, [])])
def test_only_a_host_that_serves_makes_a_late_resignation_needless(said: int, then: list[str]) -> None:
    """Our link blips; what was heard until then is read before it is back."""
    node = master(200)
    feed(node, (10.1, [DOWN]), (10.11, [DROPPED]), (10.15, [heard(said)]))
    assert kinds(node.step([LINK], 10.2)) == then
