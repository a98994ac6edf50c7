from sidecar.setting_name import setting_name


def test_a_dot_in_the_name_of_a_vlan_is_a_slash_for_sysctl() -> None:
    assert setting_name("eth0.100", "rp_filter") == "net.ipv4.conf.eth0/100.rp_filter"
    assert setting_name("eth0", "disable_ipv6", 6) == "net.ipv6.conf.eth0.disable_ipv6"
