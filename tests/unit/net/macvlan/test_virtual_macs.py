"""Which macvlans are made, deleted and left alone, by a kernel that is a table of interfaces."""

import errno
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from ipaddress import ip_interface
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from sidecar.core.params import RouterParams
from sidecar.net.kernel.link import Link
from sidecar.net.kernel.link_socket import LinkSocket
from sidecar.net.kernel.view import KernelView
from sidecar.net.macvlan.virtual_mac import MARK
from sidecar.net.macvlan.virtual_macs import Unready, VirtualMacs
from sidecar.net.workers import Workers

# IPv6, which needs no packet filter.
ROUTER = RouterParams("web", "eth0", 51, 250, (ip_interface("fd77::100/128"),), virtual_mac=True)
MAC = bytes.fromhex("00005e000233")


@dataclass
class Kernel:
    """Interfaces by name, and what was done. It is the view, the worker, and the socket of the worker."""

    links: dict[str, Link] = field(default_factory=dict)
    below: dict[str, str] = field(default_factory=dict)
    """What the configuration calls an interface, where that is not its name."""
    done: list[str] = field(default_factory=list)
    index: int = 10
    ipv6: bool = False

    def link(self, interface: str) -> Link | None:
        return self.links.get(self.below.get(interface, interface))

    def number(self, interface: str) -> int | None:
        link = self.link(interface)
        return None if link is None else link.index

    async def settle(self) -> None:
        """Everything is done at once."""

    async def run(self, work: Callable[[], Any]) -> Any:
        return work()

    def submit(self, work: Callable[[], Any]) -> None:
        work()

    def put(self, below: int, group: int = MARK) -> Link:
        self.index += 1
        made = Link(self.index, below, "vrrp6-51", mac=MAC, kind="macvlan", group=group, ipv6=self.ipv6)
        self.links["vrrp6-51"] = made
        return made

    def create(self, attributes: bytes) -> None:
        below = int.from_bytes(attributes[4:8], "little")  # IFLA_LINK comes first
        assert "vrrp6-51" not in self.links
        self.put(below)
        self.done.append(f"create above {below}")

    def delete(self, index: int) -> None:
        self.links = {name: link for name, link in self.links.items() if link.index != index}
        self.done.append("delete")

    def enable(self, index: int, *, up: bool) -> None:
        (link,) = (each for each in self.links.values() if each.index == index)
        link.enabled = up
        self.done.append("up" if up else "down")

    def change(self, _index: int, _attributes: bytes) -> None:
        """Set what the kernel asks for."""

    def close(self) -> None:
        """Close the socket of the worker."""


class _View:
    def __init__(self, kernel: Kernel) -> None:
        self.link, self.index, self.settle = kernel.link, kernel.number, kernel.settle


class _Workers:
    def __init__(self, kernel: Kernel) -> None:
        self.requests = self.rules = kernel


def made(
    kernel: Kernel, router: RouterParams = ROUTER, troubles: list[tuple[str, str, str]] | None = None
) -> VirtualMacs:
    told = [] if troubles is None else troubles
    view, workers = cast("KernelView", _View(kernel)), cast("Workers", _Workers(kernel))
    macs = VirtualMacs([router], view, workers, lambda *trouble: told.append(trouble))
    macs._socket = cast("LinkSocket", kernel)
    return macs


def host() -> Kernel:
    return Kernel({name: Link(index, index, name) for name, index in (("eth0", 2), ("eth1", 3))})


def ended(work: Coroutine[Any, Any, Unready | None]) -> Unready | None:
    try:
        work.send(None)
    except StopIteration as end:
        return cast("Unready | None", end.value)
    raise AssertionError("it waits for something")


def test_it_moves_with_the_interface_of_a_router_that_a_reload_has_changed() -> None:
    kernel = host()
    macs = made(kernel)
    assert ended(macs.provide("web")) is None
    assert macs.own("web") is kernel.links["vrrp6-51"]
    macs.exchange([replace(ROUTER, interface="eth1")], {})
    assert macs.own("web") is None
    assert ended(macs.provide("web")) is None
    assert kernel.done == ["create above 2", "delete", "create above 3"]
    assert macs.own("web") is kernel.links["vrrp6-51"]


def test_it_moves_with_the_address_by_which_its_interface_is_chosen() -> None:
    """It is served from there at once, and stands above nothing else."""
    kernel = host()
    kernel.below["10.77.0.0/24"] = "eth0"
    macs = made(kernel, replace(ROUTER, interface="10.77.0.0/24"))
    assert ended(macs.enable("web")) is None
    assert macs.own("web") is not None
    kernel.below["10.77.0.0/24"] = "eth1"
    assert ended(macs.enable("web")) is None
    assert kernel.done == ["create above 2", "up", "delete", "create above 3", "up"]


def test_while_its_interface_is_nowhere_it_is_set_down_and_removed_at_the_end() -> None:
    kernel = host()
    kernel.below["10.77.0.0/24"] = "eth0"
    macs = made(kernel, replace(ROUTER, interface="10.77.0.0/24"))
    ended(macs.enable("web"))
    assert macs.own("web") is not None
    kernel.below["10.77.0.0/24"] = "nowhere"
    assert ended(macs.provide("web")) == Unready("create", "interface 10.77.0.0/24 does not exist")
    assert ended(macs.disable("web")) is None
    assert ended(macs.remove("web")) is None
    assert kernel.done == ["create above 2", "up", "down", "delete"]


def test_one_of_a_router_that_is_gone_is_retired_although_its_interface_is_nowhere() -> None:
    kernel, router = host(), replace(ROUTER, interface="10.77.0.0/24")
    kernel.below["10.77.0.0/24"] = "eth0"
    macs = made(kernel, router)
    ended(macs.provide("web"))
    assert macs.own("web") is not None
    kernel.below["10.77.0.0/24"] = "nowhere"
    macs.exchange([], {})
    assert ended(macs.retire(router)) is None
    assert "vrrp6-51" not in kernel.links


def test_one_that_this_process_has_not_seen_in_its_place_is_told_with_the_line_and_not_touched() -> None:
    """It may serve another sidecar, and is left alone."""
    for below, group in ((3, MARK), (2, 0)):
        kernel = host()
        left = kernel.put(below, group)
        macs = made(kernel)
        unready = ended(macs.provide("web"))
        assert unready is not None
        assert unready.detail == (
            "interface vrrp6-51 exists and is not ours: `ip link delete vrrp6-51` removes it"
        )
        for work in (macs.disable("web"), macs.remove("web")):
            assert ended(work) is None
        assert (kernel.links["vrrp6-51"], kernel.done) == (left, [])


def test_one_that_was_replaced_by_somebody_elses_is_not_touched_either() -> None:
    kernel = host()
    macs = made(kernel)
    ended(macs.provide("web"))
    assert macs.own("web") is not None
    kernel.put(3)
    unready = ended(macs.provide("web"))
    assert unready is not None
    assert unready.reason == "taken"
    assert kernel.done == ["create above 2"]


class _Filter:
    """A packet filter that a kernel takes, or refuses because it is too old."""

    made: ClassVar[list[str]] = []
    refused = False

    def __init__(self) -> None:
        self.made.append("filter")
        if self.refused:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    def close(self) -> None:
        self.made.append("closed")


def filtering(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch, refusals: list[tuple[str, str, str]] | None = None
) -> VirtualMacs:
    monkeypatch.setattr(_Filter, "made", [])
    monkeypatch.setattr(_Filter, "refused", refusals is not None)
    monkeypatch.setattr("sidecar.net.macvlan.router_adverts.RouterAdvertFilter", _Filter)
    kernel.ipv6 = True
    return made(kernel, troubles=refusals)


def test_router_adverts_are_filtered_before_the_first_is_up_and_until_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kernel = host()
    macs = filtering(kernel, monkeypatch)
    assert ended(macs.provide("web")) is None
    assert (_Filter.made, kernel.done) == (["filter"], ["create above 2"])
    for work in (macs.enable, macs.disable, macs.enable, macs.remove):
        assert ended(work("web")) is None
    assert _Filter.made == ["filter"]
    macs.close()
    assert _Filter.made == ["filter", "closed"]


def following(monkeypatch: pytest.MonkeyPatch, folder: Path, accept_ra: int, forwarding: int) -> None:
    """The settings of the interface, by which the kernel follows router advertisements or does not."""
    (folder / "vrrp6-51").mkdir()
    (folder / "vrrp6-51" / "accept_ra").write_text(f"{accept_ra}\n")
    (folder / "vrrp6-51" / "forwarding").write_text(f"{forwarding}\n")
    monkeypatch.setattr("sidecar.net.macvlan.router_adverts._SETTINGS", str(folder))


@pytest.mark.parametrize(("accept_ra", "forwarding"), [(0, 0), (1, 1)])
def test_where_they_are_not_followed_nothing_is_said_of_a_filter_that_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, accept_ra: int, forwarding: int
) -> None:
    following(monkeypatch, tmp_path, accept_ra, forwarding)
    told = list[tuple[str, str, str]]()
    macs = filtering(host(), monkeypatch, told)
    assert ended(macs.enable("web")) is None
    assert told == []


@pytest.mark.parametrize(("accept_ra", "forwarding"), [(1, 0), (2, 1)])
def test_where_router_adverts_cannot_be_filtered_it_says_so_once_and_serves_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, accept_ra: int, forwarding: int
) -> None:
    following(monkeypatch, tmp_path, accept_ra, forwarding)
    kernel, told = host(), list[tuple[str, str, str]]()
    macs = filtering(kernel, monkeypatch, told)
    for _ in range(2):
        assert ended(macs.enable("web")) is None
    assert (_Filter.made, kernel.done) == (["filter"], ["create above 2", "up"])
    ((component, reason, detail),) = told
    assert (component, reason) == ("virtual_mac", "router_adverts")
    assert "Operation not supported" in detail
    assert "accept_ra=0" in detail
    macs.close()
    assert _Filter.made == ["filter"]


def test_without_ipv6_nothing_is_filtered(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = host()
    macs = filtering(kernel, monkeypatch)
    kernel.ipv6 = False
    assert ended(macs.enable("web")) is None
    macs.close()
    assert _Filter.made == []
