"""A report to the core is repeated only where it may know nothing of it."""

from dataclasses import replace
from ipaddress import IPv4Interface

from sidecar.core.events import ForeignVip, InterfaceChanged, VipsObserved
from sidecar.core.params import RouterParams
from sidecar.net.addresses.last_told import LastTold

VIP = IPv4Interface("10.0.0.5/24")
WEB = RouterParams("web", "eth0", 51, 250, (VIP,))
API = RouterParams("api", "eth1", 60, 250, (IPv4Interface("10.1.0.5/24"),))
ETH0, ETH1 = InterfaceChanged("eth0", None), InterfaceChanged("eth1", None)
NOTHING = VipsObserved("web", frozenset())
OWNED = VipsObserved("web", frozenset({VIP}))


def test_only_what_is_other_than_before_is_news() -> None:
    told = LastTold()
    assert told.is_news(ETH0)
    assert not told.is_news(ETH0)
    assert told.state("eth0") is None
    assert not told.is_news(NOTHING)
    assert told.is_news(OWNED)
    assert not told.is_news(OWNED)
    assert told.is_news(NOTHING)


def test_after_an_exchange_vips_are_told_once_even_if_none_is_there() -> None:
    told = LastTold()
    assert told.is_news(VipsObserved("web", frozenset(), frozenset({ForeignVip("eth0", VIP)})))
    told.exchange([WEB], [WEB])
    assert told.is_news(NOTHING)
    assert not told.is_news(NOTHING)


def test_an_interface_is_told_again_if_its_routers_or_vips_are_others() -> None:
    told = LastTold()
    assert told.is_news(ETH0)
    assert told.is_news(ETH1)
    told.exchange([WEB, API], [replace(WEB, priority=1), replace(API, addresses=(VIP,))])
    assert not told.is_news(ETH0)
    assert told.is_news(ETH1)
    told.exchange([WEB, API], [WEB, replace(API, interface="eth0")])
    assert told.is_news(ETH0)
    assert told.is_news(ETH1)


def test_another_router_under_the_same_name_is_told_of_its_interface() -> None:
    told, up = LastTold(), InterfaceChanged(WEB.interface, None)
    assert told.is_news(up)
    told.exchange([WEB], [replace(WEB, name="www")])
    assert not told.is_news(up)
    told.exchange([WEB], [replace(WEB, vrid=WEB.vrid + 1)])
    assert told.is_news(up)
