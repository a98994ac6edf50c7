"""Why an interface has no IPv6, with a command that mends it: one to add an address would be refused."""

from pathlib import Path

import pytest

from sidecar.net.kernel.link import Link
from sidecar.net.kernel.no_ipv6 import why_no_ipv6


def settings(folder: Path, name: str, disabled: str) -> str:
    (folder / name).mkdir()
    (folder / name / "disable_ipv6").write_text(disabled)
    return str(folder)


@pytest.mark.parametrize(
    ("name", "said"), [("eth0", "net.ipv6.conf.eth0"), ("eth0.100", "net.ipv6.conf.eth0/100")]
)
def test_ipv6_that_is_switched_off_on_the_interface(tmp_path: Path, name: str, said: str) -> None:
    link = Link(2, 2, name, mtu=1500, ipv6=True)
    why = why_no_ipv6(link, settings(tmp_path, name, "1\n"))
    mend = f"`sysctl -w {said}.disable_ipv6=0` (of a container: `sysctls` of compose)"
    assert why == f"IPv6 is switched off there: {mend}"


def test_an_mtu_that_ipv6_cannot_live_with(tmp_path: Path) -> None:
    why = why_no_ipv6(Link(2, 2, "eth0", mtu=1279), str(tmp_path))
    assert why == "its MTU is 1279 and IPv6 needs 1280: `ip link set eth0 mtu 1280`"


def test_a_kernel_that_has_none(tmp_path: Path) -> None:
    why = why_no_ipv6(Link(2, 2, "eth0", mtu=1500), str(tmp_path))
    assert why == "the kernel of this host has IPv6 switched off (`ipv6.disable=1`?)"


@pytest.mark.parametrize("disabled", ["0\n", "nonsense"])
def test_where_nothing_is_against_it_an_address_is_what_is_missing(tmp_path: Path, disabled: str) -> None:
    assert why_no_ipv6(Link(2, 2, "eth0", mtu=1280, ipv6=True), settings(tmp_path, "eth0", disabled)) == ""
    assert why_no_ipv6(Link(2, 2, "eth1", mtu=0, ipv6=True), str(tmp_path)) == ""
