"""Whether VIPs of an earlier sidecar are there, before anything else is known."""

import socket
from ipaddress import ip_interface

import pytest

from sidecar.net.addresses.leftovers import any_left
from sidecar.net.addresses.request_socket import RequestSocket
from sidecar.net.addresses.writer import Lease, _addition
from sidecar.net.kernel.host_address import HOST_SCOPE
from sidecar.net.ownership import kernel_marks
from tests.kernel.own_namespace import inside, ip

pytestmark = pytest.mark.netns


@pytest.mark.parametrize("vip", ["10.77.0.100/32", "2001:db8::100/128"])
def test_an_address_with_our_mark_and_no_other_one_is_a_leftover(vip: str) -> None:
    def work() -> None:
        if kernel_marks():
            ip("address add 10.77.0.50/24 dev v0 valid_lft 60 preferred_lft 60")
        assert not any_left()
        address = ip_interface(vip)
        lease = Lease(socket.if_nametoindex("v0"), (address,), frozenset(), 60, HOST_SCOPE, 1)
        requests = RequestSocket()
        try:
            assert requests.ask([_addition(lease, address)]) == [0]
        finally:
            requests.close()
        assert any_left()

    inside(work)
