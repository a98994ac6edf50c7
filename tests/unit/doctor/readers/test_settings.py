"""Settings of the kernel."""

from sidecar.doctor.readers.settings import _path, read_settings


def test_real_settings_are_read_by_their_names() -> None:
    found = read_settings(["lo", "nowhere0"])
    assert found["net.ipv4.conf.lo.arp_ignore"] in range(9)
    assert "net.ipv4.conf.all.rp_filter" in found
    assert found["net.ipv4.ip_nonlocal_bind"] in (0, 1)
    assert not any("nowhere0" in name for name in found)


def test_the_name_of_an_interface_may_have_dots() -> None:
    assert _path("net.ipv4.conf.eth0.100.arp_ignore") == "net/ipv4/conf/eth0.100/arp_ignore"
    assert _path("net.ipv6.ip_nonlocal_bind") == "net/ipv6/ip_nonlocal_bind"
