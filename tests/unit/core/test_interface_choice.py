"""Interfaces by a name, an address or a network."""

import pytest

from sidecar.core.interface_choice import carried_network, same_interface


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("eth0", "eth0", True),
        ("eth0", "eth1", False),
        ("eth0", "10.77.0.0/24", False),
        ("10.77.0.0/24", "10.77.0.11", True),
        ("10.77.0.0/24", "10.78.0.0/24", False),
        ("10.77.0.0/24", "fd00::/64", False),
    ],
)
def test_two_choices_that_can_only_mean_the_same_interface(one: str, other: str, same: bool) -> None:
    assert same_interface(one, other) is same
    assert same_interface(other, one) is same


def test_bits_of_a_host_in_a_network_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="host bits set"):
        carried_network("10.77.0.11/24")
