"""Which routers of new parameters are the present ones: by what peers and the kernel know them by."""

import dataclasses
from ipaddress import IPv4Interface, IPv6Interface

import pytest

from sidecar.core.params import NodeParams, RouterParams
from sidecar.core.router.identity import groups_formed, identity, match

WEB = RouterParams("web", "eth0", 51, 250, (IPv4Interface("10.0.0.5/24"),))
IDENTIFYING = {
    "interface": "eth1",
    "vrid": 52,
    "version": 2,
    "virtual_mac": True,
    "addresses": (IPv6Interface("fe80::5/64"),),
}


@pytest.mark.parametrize("field", IDENTIFYING)
def test_another_identity_is_another_router_whatever_its_name(field: str) -> None:
    other = dataclasses.replace(WEB, **{field: IDENTIFYING[field]})  # type: ignore[arg-type]
    matched = match([WEB], [other])
    assert (matched.kept, matched.ended, matched.begun) == ((), (WEB,), (other,))


def test_anything_else_is_a_parameter_of_the_same_router() -> None:
    other = RouterParams("www", "eth0", 51, 1, (IPv4Interface("10.0.0.6/32"),), 10, accept=False, hosts=2)
    assert identity(other) == identity(WEB)
    matched = match([WEB], [other])
    assert (matched.kept, matched.ended, matched.begun) == (((WEB, other),), (), ())


def test_names_may_be_swapped() -> None:
    api = dataclasses.replace(WEB, name="api", vrid=60)
    new = (dataclasses.replace(WEB, name="api"), dataclasses.replace(api, name="web"))
    assert match([WEB, api], new).kept == ((WEB, new[0]), (api, new[1]))


def test_a_sync_group_of_the_same_routers_is_no_new_one_whatever_they_are_called() -> None:
    api, www = dataclasses.replace(WEB, name="api", vrid=60), dataclasses.replace(WEB, name="www")
    old = NodeParams("a", (WEB, api), sync_groups=(("web", "api"),))
    assert groups_formed(old, NodeParams("a", (www, api), sync_groups=(("api", "www"),))) == []
    third = dataclasses.replace(WEB, name="third", vrid=70)
    groups = (("api", "third"), ("www",))
    assert groups_formed(old, NodeParams("a", (www, api, third), sync_groups=groups)) == [*groups]
