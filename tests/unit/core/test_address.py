"""The command that takes an address away: what `ip` and the kernel need to find it."""

from ipaddress import ip_interface

from sidecar.core.address import removal


def test_an_address_is_removed_with_its_prefix() -> None:
    assert removal(ip_interface("10.77.0.100/24"), "", "eth0") == "ip address del 10.77.0.100/24 dev eth0"


def test_a_point_to_point_address_is_removed_with_the_prefix_of_its_other_end() -> None:
    command = removal(ip_interface("10.77.0.100/32"), "10.77.0.1/32", "eth0")
    assert command == "ip address del 10.77.0.100 peer 10.77.0.1/32 dev eth0"
